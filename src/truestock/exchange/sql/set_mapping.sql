UPDATE import_run
SET mapping = $2::text::jsonb, table_form = $3::text::jsonb, strict = $4, state = 'uploaded',
    position = 0, counts = '{}', failure = '', ended_at = NULL,
    rows_total = NULL, rows_accepted = NULL, rows_refused = NULL
WHERE import_id = $1
