-- What lies at a location or below it, the first few.
SELECT l.code AS location, i.sku, b.quantity_on_hand, b.quantity_reserved
FROM location AS l
JOIN balance AS b USING (location_id)
JOIN item AS i USING (item_id)
WHERE (l.path = $1 OR (l.path ~>=~ ($1 || '/') AND l.path ~<~ ($1 || '0')))
AND (b.quantity_on_hand <> 0 OR b.quantity_reserved <> 0)
ORDER BY l.path, i.sku
LIMIT 10
