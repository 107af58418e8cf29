UPDATE import_run
SET rows_total = $2, rows_refused = $3, rows_accepted = $2::integer - $3::integer
WHERE import_id = $1
