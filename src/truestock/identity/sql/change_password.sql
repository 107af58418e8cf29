UPDATE person
SET password_hash = $2, password_set_at = $3, password_temporary = $4, version = version + 1
WHERE actor_id = $1
