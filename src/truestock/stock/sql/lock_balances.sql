-- Balances in key order, locked until the end; values are those after any wait for the lock.
SELECT
    balance_id, quantity_on_hand, quantity_reserved, physical, negative_allowed, disposition, version
FROM balance
WHERE balance_id = ANY ($1::text::bigint[])
ORDER BY balance_id
FOR NO KEY UPDATE
