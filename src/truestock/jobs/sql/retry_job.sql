UPDATE job
SET
    state = 'queued',
    attempts = 0,
    error = NULL,
    result = NULL,
    cancel_asked_at = NULL,
    started_at = NULL,
    finished_at = NULL,
    progress_done = 0,
    progress_total = NULL,
    progress_message = ''
WHERE job_id = $1 AND state IN ('failed', 'cancelled')
RETURNING name
