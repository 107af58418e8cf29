INSERT INTO site (code, name, time_zone, address)
VALUES ($1, $2, $3, $4)
RETURNING site_id
