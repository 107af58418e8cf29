-- INV-2 A balance equals the sum of its ledger lines.
SELECT b.balance_id, b.quantity_on_hand, coalesce(l.quantity, 0) AS quantity_in_ledger
FROM balance AS b
FULL JOIN (
    SELECT balance_id, sum(quantity) AS quantity
    FROM (
        SELECT source_balance_id AS balance_id, -quantity AS quantity FROM movement_line
        UNION ALL
        SELECT target_balance_id, quantity FROM movement_line
    ) AS side
    GROUP BY balance_id
) AS l USING (balance_id)
WHERE b.quantity_on_hand IS DISTINCT FROM coalesce(l.quantity, 0)
