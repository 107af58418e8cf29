INSERT INTO import_run (
    kind, file_name, content_hash, table_form, mapping, strict, actor_id, recorded_at
)
VALUES ($1, $2, $3, $4::text::jsonb, $5::text::jsonb, $6, $7, $8)
RETURNING import_id
