UPDATE request
SET answer = given.answer::jsonb
FROM unnest($2::text[], $3::text[]) AS given (request_key, answer)
WHERE request.actor_id = $1 AND request.request_key = given.request_key
