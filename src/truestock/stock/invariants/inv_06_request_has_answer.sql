-- INV-6 Every request key has its stored answer, and every movement stands under its key.
SELECT r.actor_id, r.request_key, r.movement_id
FROM request AS r
WHERE r.movement_id IS NULL AND r.answer IS NULL
UNION ALL
SELECT m.actor_id, m.request_key, m.movement_id
FROM movement AS m
LEFT JOIN request AS r ON r.actor_id = m.actor_id AND r.request_key = m.request_key
WHERE r.movement_id IS DISTINCT FROM m.movement_id
