-- Balances as they are, without a lock: what a process remembers until a group proves it right.
SELECT
    balance_id, quantity_on_hand, quantity_reserved, physical, negative_allowed, disposition, version
FROM balance
WHERE balance_id = ANY ($1::bigint[])
