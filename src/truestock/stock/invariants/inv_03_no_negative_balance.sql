-- INV-3 No physical balance is negative, unless its location's policy allows it.
SELECT b.balance_id, b.quantity_on_hand, l.code AS location_code
FROM balance AS b
JOIN location AS l USING (location_id)
WHERE b.quantity_on_hand < 0 AND l.physical AND NOT l.negative_allowed
