SELECT nextval('document_id_seq') AS document_id
FROM generate_series(1, $1::integer)
