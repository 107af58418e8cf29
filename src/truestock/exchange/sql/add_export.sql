INSERT INTO export_file (list_name, format, file_name, query, actor_id, recorded_at)
VALUES ($1, $2, $3, $4::text::jsonb, $5, $6)
RETURNING export_id
