INSERT INTO export_part (export_id, part_number, content) VALUES ($1, $2, $3)
