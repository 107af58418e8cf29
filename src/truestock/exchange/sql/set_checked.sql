UPDATE import_run
SET state = 'checked', rows_total = $2, rows_accepted = $3, rows_refused = $4,
    counts = $5::text::jsonb
WHERE import_id = $1
