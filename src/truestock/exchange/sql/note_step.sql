UPDATE import_run
SET counts = $2::text::jsonb, rows_refused = rows_refused + $3, rows_accepted = rows_accepted - $3
WHERE import_id = $1
