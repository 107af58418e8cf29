SELECT job_id FROM job WHERE single_key = $1 ORDER BY job_id DESC LIMIT 1
