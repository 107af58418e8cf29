SELECT true FROM job WHERE job_id = $1
