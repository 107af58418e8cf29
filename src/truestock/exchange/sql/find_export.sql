SELECT
    export_id, list_name, format, file_name, query::text AS query, actor_id, row_count, byte_count,
    recorded_at, ready_at
FROM export_file
WHERE export_id = $1
