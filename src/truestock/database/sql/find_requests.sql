SELECT request_key, payload_hash, answer::text AS answer
FROM request
WHERE actor_id = $1 AND request_key = ANY ($2::text[])
