SELECT
    m.movement_id, m.kind, m.occurred_at, m.recorded_at,
    EXISTS (SELECT 1 FROM movement AS r WHERE r.reverses_id = m.movement_id) AS reversed
FROM movement AS m
WHERE m.document_id = $1
ORDER BY m.movement_id
