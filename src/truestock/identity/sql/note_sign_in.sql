UPDATE person SET signed_in_at = $2 WHERE actor_id = $1 AND status = 'active'
RETURNING actor_id
