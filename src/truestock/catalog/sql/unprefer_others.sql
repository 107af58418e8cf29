UPDATE supplier_term
SET preferred = false, version = version + 1, changed_at = now()
WHERE item_id = $2 AND supplier_id <> $1 AND preferred
