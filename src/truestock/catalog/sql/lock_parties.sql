SELECT party_id
FROM party
WHERE party_id = ANY ($1::bigint[])
OR (kind, code) IN (SELECT * FROM unnest($2::text[], $3::text[]))
ORDER BY party_id
FOR NO KEY UPDATE
