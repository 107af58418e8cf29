-- The same question of the same actor, not older than a moment, so that asking twice writes once.
SELECT export_id
FROM export_file
WHERE list_name = $1 AND format = $2 AND query = $3::text::jsonb AND actor_id = $4
    AND recorded_at > $5 AND ready_at IS NULL
ORDER BY export_id DESC
LIMIT 1
