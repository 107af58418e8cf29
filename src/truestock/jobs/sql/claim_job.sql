UPDATE job
SET
    state = 'running',
    attempts = attempts + 1,
    started_at = coalesce(started_at, $3)
FROM actor
WHERE
    job_id = $1
    AND queue_id = $2
    AND state IN ('queued', 'running')
    AND actor.actor_id = job.actor_id
RETURNING
    job.name,
    job.arguments::text AS arguments,
    job.attempts,
    job.permissions,
    job.site_ids,
    actor.actor_id,
    actor.kind,
    actor.name AS actor_name
