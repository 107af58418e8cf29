UPDATE import_run
SET state = $2, failure = left($3, 2000), ended_at = $4
WHERE import_id = $1 AND state = 'applying'
