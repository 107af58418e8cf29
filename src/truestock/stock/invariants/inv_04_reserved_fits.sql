-- INV-4 0 <= reserved <= on hand, and reserved equals the sum of pending reservations.
SELECT b.balance_id, b.quantity_on_hand, b.quantity_reserved, coalesce(r.quantity, 0) AS quantity_pending
FROM balance AS b
FULL JOIN (
    SELECT balance_id, sum(quantity) AS quantity
    FROM reservation WHERE state = 'pending' GROUP BY balance_id
) AS r USING (balance_id)
WHERE b.quantity_reserved IS DISTINCT FROM coalesce(r.quantity, 0)
   OR b.quantity_reserved < 0
   OR b.quantity_reserved > greatest(b.quantity_on_hand, 0)
