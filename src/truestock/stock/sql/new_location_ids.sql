SELECT nextval(pg_get_serial_sequence('location', 'location_id')) AS location_id
FROM generate_series(1, $1::integer)
