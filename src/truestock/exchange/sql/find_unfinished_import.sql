-- The last import of this content that is on its way, to go on with it.
SELECT import_id
FROM import_run
WHERE content_hash = $1 AND kind = $2 AND state = 'applying' AND mapping = $3::text::jsonb
    AND strict = $4
ORDER BY import_id DESC
LIMIT 1
