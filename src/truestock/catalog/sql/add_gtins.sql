INSERT INTO item_gtin (item_id, pack_unit, gtin)
SELECT item_id, pack_unit, gtin
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS n (item_id, pack_unit, gtin)
ORDER BY lpad(gtin, 14, '0')
