SELECT count(*) FROM import_problem WHERE import_id = $1
