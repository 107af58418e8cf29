-- An exact number first, then numbers that begin so, then references that do; new before old.
SELECT document_id, number, type, state, reference, number = $1 AS exact
FROM document
WHERE (number LIKE $2 OR (lower(reference) LIKE $3 AND reference <> ''))
AND ($4::bigint[] IS NULL OR source_site_id = ANY ($4) OR target_site_id = ANY ($4))
ORDER BY number = $1 DESC, number LIKE $2 DESC, document_id DESC
LIMIT $5
