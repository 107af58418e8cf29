UPDATE job
SET progress_done = $3, progress_total = $4, progress_message = left($5, 500)
WHERE job_id = $1 AND attempts = $2 AND state = 'running'
RETURNING cancel_asked_at IS NULL
