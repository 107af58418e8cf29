DELETE FROM item
WHERE item_id = $1
