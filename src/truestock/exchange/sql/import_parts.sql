SELECT content
FROM import_part
WHERE import_id = $1
ORDER BY part_number
