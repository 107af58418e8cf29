UPDATE job
SET
    state = $3,
    finished_at = $4,
    result = $5::text::jsonb,
    error = left($6, 4000)
WHERE job_id = $1 AND attempts = $2 AND state = 'running'
