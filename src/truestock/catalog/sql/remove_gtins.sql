DELETE FROM item_gtin
WHERE item_id = ANY ($1::bigint[])
