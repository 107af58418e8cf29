INSERT INTO actor (kind, name) VALUES ('job', $1)
ON CONFLICT (name) WHERE kind = 'job' DO NOTHING
RETURNING actor_id
