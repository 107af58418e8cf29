INSERT INTO actor (kind, name) VALUES ($1, $2)
RETURNING actor_id
