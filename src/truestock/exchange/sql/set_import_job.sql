UPDATE import_run
SET job_id = $2
WHERE import_id = $1
