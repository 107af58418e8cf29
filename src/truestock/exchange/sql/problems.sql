SELECT line_number, field, code, message
FROM import_problem
WHERE import_id = $1
ORDER BY line_number, problem_number
