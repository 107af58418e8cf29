-- Zero rows for keys that have none yet, in key order; a twin's row is left as it is.
INSERT INTO balance (
    balance_id, item_id, location_id, lot_id, disposition, physical, negative_allowed, serial
)
SELECT nextval('balance_id_seq') * CASE WHEN l.physical THEN 1 ELSE -1 END,
    k.item_id, k.location_id, k.lot_id, k.disposition, l.physical, l.negative_allowed,
    coalesce(lot.serial, false)
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[])
    AS k (item_id, location_id, lot_id, disposition)
JOIN location AS l USING (location_id)
LEFT JOIN lot ON lot.lot_id = k.lot_id
ORDER BY k.item_id, k.location_id, k.lot_id, k.disposition
ON CONFLICT ON CONSTRAINT balance_key_unique DO NOTHING
