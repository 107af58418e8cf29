SELECT type, state, count(*) AS count
FROM document
WHERE $1::bigint[] IS NULL OR source_site_id = ANY ($1) OR target_site_id = ANY ($1)
GROUP BY type, state
ORDER BY type, state
