-- INV-1 A line moves one item and lot: both its balances are of the same.
SELECT l.movement_id, l.line_number, s.item_id AS source_item_id, t.item_id AS target_item_id
FROM movement_line AS l
JOIN balance AS s ON s.balance_id = l.source_balance_id
JOIN balance AS t ON t.balance_id = l.target_balance_id
WHERE s.item_id <> t.item_id OR s.lot_id IS DISTINCT FROM t.lot_id
