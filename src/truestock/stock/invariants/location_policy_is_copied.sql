-- Every balance carries its location's policy for stock below zero, and whether it is physical.
SELECT b.balance_id, l.code, b.negative_allowed, b.physical
FROM balance AS b
JOIN location AS l USING (location_id)
WHERE b.negative_allowed <> l.negative_allowed OR b.physical <> l.physical
