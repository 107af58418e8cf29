-- These balances and every other one of the same item and lot: their lines end in one of them.
SELECT DISTINCT s.balance_id
FROM balance AS b
JOIN balance AS s ON s.item_id = b.item_id AND s.lot_id IS NOT DISTINCT FROM b.lot_id
WHERE b.balance_id = ANY ($1::bigint[])
