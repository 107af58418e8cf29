SELECT document_id, number, type, state
FROM document
WHERE document_id = ANY ($1::bigint[])
AND ($2::bigint[] IS NULL OR source_site_id = ANY ($2) OR target_site_id = ANY ($2))
ORDER BY document_id
