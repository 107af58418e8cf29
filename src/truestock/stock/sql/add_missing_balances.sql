-- Zero rows for keys that have none yet; a twin's row is left as it is. An item or location that is
-- gone gets none. The locks wait for a change of the policy that is copied here, by location first,
-- as closing a tree locks them.
INSERT INTO balance (
    balance_id, item_id, location_id, lot_id, disposition, physical, negative_allowed, serial
)
SELECT nextval('balance_id_seq') * CASE WHEN l.physical THEN 1 ELSE -1 END,
    k.item_id, k.location_id, k.lot_id, k.disposition, l.physical, l.negative_allowed,
    coalesce(lot.serial, false)
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[])
    AS k (item_id, location_id, lot_id, disposition)
JOIN location AS l USING (location_id)
JOIN item AS i USING (item_id)
LEFT JOIN lot ON lot.lot_id = k.lot_id
ORDER BY k.location_id, k.item_id, k.lot_id, k.disposition
FOR SHARE OF l FOR KEY SHARE OF i
ON CONFLICT ON CONSTRAINT balance_key_unique DO NOTHING
