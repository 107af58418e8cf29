INSERT INTO job (name, arguments, actor_id, permissions, site_ids, single_key)
VALUES (
    $1,
    $2::text::jsonb,
    coalesce($3, (SELECT actor_id FROM actor WHERE kind = 'job' AND name = 'scheduler')),
    $4,
    $5,
    $6
)
ON CONFLICT (single_key) WHERE state IN ('queued', 'running') DO NOTHING
RETURNING job_id
