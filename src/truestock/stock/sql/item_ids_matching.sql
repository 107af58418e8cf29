-- Items with this in SKU or name, or with this GTIN; as many as are worth looking at one by one.
SELECT i.item_id
FROM item AS i
WHERE i.sku ILIKE $1 OR i.name ILIKE $1
   OR i.item_id = ANY (ARRAY(SELECT item_id FROM item_gtin WHERE gtin_14 = $2))
LIMIT $3
