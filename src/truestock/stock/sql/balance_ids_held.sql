-- Balances of a disposition other than available, as many as are worth sorting.
SELECT b.balance_id
FROM balance AS b
WHERE b.balance_id > 0
AND b.disposition <> 'available'
AND b.disposition = :disposition
AND (b.quantity_on_hand <> 0 OR b.quantity_reserved <> 0) --if nonzero
LIMIT :gathered_max
