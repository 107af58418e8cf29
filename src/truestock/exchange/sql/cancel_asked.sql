-- Whether a person asked to stop the job; one that another worker took over was not cancelled.
SELECT cancel_asked_at IS NOT NULL FROM job WHERE job_id = $1
