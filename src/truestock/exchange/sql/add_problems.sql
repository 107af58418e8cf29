INSERT INTO import_problem (import_id, line_number, problem_number, field, code, message)
SELECT
    $1, p.line_number,
    coalesce((
        SELECT max(problem_number) FROM import_problem
        WHERE import_id = $1 AND import_problem.line_number = p.line_number
    ), 0) + row_number() OVER (PARTITION BY p.line_number),
    p.field, p.code, p.message
FROM unnest($2::integer[], $3::text[], $4::text[], $5::text[])
    AS p (line_number, field, code, message)
