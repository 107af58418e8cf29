SELECT state
FROM import_run
WHERE import_id = $1
FOR NO KEY UPDATE
