UPDATE job
SET
    cancel_asked_at = $2,
    state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,
    finished_at = CASE state WHEN 'queued' THEN $2::timestamptz END
WHERE job_id = $1 AND state IN ('queued', 'running')
RETURNING state
