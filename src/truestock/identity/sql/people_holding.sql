-- Active people with any of the roles who may act at all of the sites.
SELECT actor_id
FROM person
WHERE status = 'active' AND roles && $1::text[]
AND (site_ids IS NULL OR site_ids @> $2::bigint[])
ORDER BY actor_id
