-- The stored answers of posted movements, for callers that ask again.
SELECT m.movement_id, m.recorded_at, l.line_number, l.source_quantity_after, l.target_quantity_after
FROM movement AS m
JOIN movement_line AS l USING (movement_id)
WHERE m.movement_id = ANY ($1::bigint[])
ORDER BY m.movement_id, l.line_number
