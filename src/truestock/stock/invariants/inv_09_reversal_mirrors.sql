-- INV-9 A reversal mirrors its original exactly: every line, sides swapped, last line first.
SELECT r.movement_id, r.reverses_id, coalesce(rl.line_number, o.line_count + 1 - ol.line_number) AS line_number
FROM movement AS r
JOIN movement AS o ON o.movement_id = r.reverses_id
JOIN movement_line AS ol ON ol.movement_id = o.movement_id
LEFT JOIN movement_line AS rl
    ON rl.movement_id = r.movement_id AND rl.line_number = o.line_count + 1 - ol.line_number
WHERE rl.source_balance_id IS DISTINCT FROM ol.target_balance_id
   OR rl.target_balance_id IS DISTINCT FROM ol.source_balance_id
   OR rl.quantity IS DISTINCT FROM ol.quantity
   OR r.line_count <> o.line_count
