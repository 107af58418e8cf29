DELETE FROM supplier_price_break
WHERE supplier_id = $1 AND item_id = $2
