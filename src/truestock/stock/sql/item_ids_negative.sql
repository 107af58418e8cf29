-- Items with a balance below zero, which only a policy of their place allows.
SELECT DISTINCT item_id
FROM balance
WHERE balance_id > 0 AND negative_allowed AND quantity_on_hand < 0
LIMIT $1
