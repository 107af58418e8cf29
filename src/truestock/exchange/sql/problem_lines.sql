SELECT DISTINCT line_number
FROM import_problem
WHERE import_id = $1 AND line_number > $2
ORDER BY line_number
LIMIT $3
