SELECT count(*) FROM notification WHERE actor_id = $1 AND read_at IS NULL
