UPDATE person
SET login = $2, email = $3, roles = $4, site_ids = $5, status = $6, version = version + 1
WHERE actor_id = $1
RETURNING version
