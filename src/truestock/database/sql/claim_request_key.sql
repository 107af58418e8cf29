INSERT INTO request (actor_id, request_key, payload_hash)
VALUES ($1, $2, $3)
ON CONFLICT ON CONSTRAINT request_pk DO NOTHING
RETURNING 1
