SELECT movement_id, line_number
FROM movement_line
WHERE movement_id = $1
ORDER BY line_number
