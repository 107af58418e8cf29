-- INV-6 Every request key has its stored answer: a movement, which is the same row, or a text.
SELECT actor_id, request_key, movement_id
FROM request
WHERE movement_id IS NULL AND answer IS NULL
