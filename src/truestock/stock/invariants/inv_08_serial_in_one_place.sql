-- INV-8 A serial number is in at most one physical place with quantity 1, and its place is known.
SELECT lot.lot_id, lot.code, sum(b.quantity_on_hand) AS quantity_in_places, max(p.balance_id) AS place
FROM lot
JOIN balance AS b ON b.lot_id = lot.lot_id AND b.physical AND b.quantity_on_hand <> 0
LEFT JOIN serial_place AS p ON p.lot_id = lot.lot_id AND p.balance_id = b.balance_id
WHERE lot.serial
GROUP BY lot.lot_id, lot.code
HAVING sum(b.quantity_on_hand) <> 1 OR count(*) <> 1 OR count(p.lot_id) <> 1
UNION ALL
SELECT p.lot_id, lot.code, b.quantity_on_hand, p.balance_id
FROM serial_place AS p
JOIN lot USING (lot_id)
JOIN balance AS b USING (balance_id)
WHERE b.quantity_on_hand <> 1 OR NOT b.physical
