DELETE FROM item_pack
WHERE item_id = ANY ($1::bigint[])
