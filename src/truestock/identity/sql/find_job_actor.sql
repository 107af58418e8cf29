SELECT actor_id FROM actor WHERE kind = 'job' AND name = $1
