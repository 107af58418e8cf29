DELETE FROM supplier_term
WHERE supplier_id = $1 AND item_id = $2
