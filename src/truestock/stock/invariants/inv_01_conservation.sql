-- INV-1 Conservation: for every item and lot, quantities over all locations sum to zero.
SELECT item_id, lot_id, sum(quantity_on_hand) AS quantity_too_many
FROM balance
GROUP BY item_id, lot_id
HAVING sum(quantity_on_hand) <> 0
