SELECT g.gtin_14, i.sku
FROM item_gtin AS g
JOIN item AS i USING (item_id)
WHERE g.gtin_14 = ANY ($1::text[])
