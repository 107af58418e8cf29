UPDATE person SET password_hash = $3 WHERE actor_id = $1 AND password_hash = $2
