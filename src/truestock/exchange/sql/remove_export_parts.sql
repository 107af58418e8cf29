DELETE FROM export_part WHERE export_id = $1
