SELECT payload_hash, answer::text AS answer
FROM request
WHERE actor_id = $1 AND request_key = $2
