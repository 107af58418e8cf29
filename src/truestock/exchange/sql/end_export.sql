UPDATE export_file
SET row_count = $2, byte_count = $3, ready_at = $4
WHERE export_id = $1
