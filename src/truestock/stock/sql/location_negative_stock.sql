SELECT l.code AS location, i.sku, b.quantity_on_hand
FROM balance AS b
JOIN location AS l USING (location_id)
JOIN item AS i USING (item_id)
WHERE l.location_id = $1 AND b.quantity_on_hand < 0
ORDER BY i.sku
LIMIT 10
