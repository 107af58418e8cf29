UPDATE item
SET status = $2, version = version + 1, changed_at = now()
WHERE item_id = $1
