SELECT lot.lot_id, lot.item_id, lot.code, lot.serial
FROM unnest($1::bigint[], $2::text[]) AS k (item_id, code)
JOIN lot USING (item_id, code)
