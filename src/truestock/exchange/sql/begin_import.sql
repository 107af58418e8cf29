-- From the start, also one that failed or was applied before: what was done is not done twice.
UPDATE import_run
SET state = 'applying', position = 0, counts = '{}', failure = '', ended_at = NULL, job_id = NULL
WHERE import_id = $1
