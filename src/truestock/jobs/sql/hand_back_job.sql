UPDATE job
SET state = 'queued', error = left($4, 4000), attempts = attempts - $3::integer
WHERE job_id = $1 AND attempts = $2 AND state = 'running'
