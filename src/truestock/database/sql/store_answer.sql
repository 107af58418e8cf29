UPDATE request
SET answer = $3::text::jsonb
WHERE actor_id = $1 AND request_key = $2
