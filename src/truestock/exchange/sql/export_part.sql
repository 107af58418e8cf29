SELECT content FROM export_part WHERE export_id = $1 AND part_number = $2
