-- Claim many keys of one actor, in the order of the keys so that twins wait one way only.
INSERT INTO request (actor_id, request_key, payload_hash)
SELECT $1, asked.request_key, asked.payload_hash
FROM unnest($2::text[], $3::bytea[]) AS asked (request_key, payload_hash)
ORDER BY asked.request_key
ON CONFLICT ON CONSTRAINT request_pk DO NOTHING
RETURNING request_key
