SELECT item_id
FROM item
WHERE item_id = ANY ($1::bigint[]) OR sku = ANY ($2::text[])
ORDER BY item_id
FOR NO KEY UPDATE
