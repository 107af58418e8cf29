SELECT line_number, field, code, message
FROM import_problem
WHERE import_id = $1 AND line_number = ANY ($2::integer[])
ORDER BY line_number, problem_number
