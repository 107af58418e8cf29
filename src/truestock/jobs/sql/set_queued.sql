UPDATE job
SET queue_id = $2, state = 'queued'
WHERE job_id = $1
