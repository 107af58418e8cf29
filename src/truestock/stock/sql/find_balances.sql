SELECT b.balance_id, b.item_id, b.location_id, b.lot_id, b.disposition
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[])
    AS k (item_id, location_id, lot_id, disposition)
CROSS JOIN LATERAL (
    SELECT balance_id, item_id, location_id, lot_id, disposition
    FROM balance
    WHERE balance.item_id = k.item_id
      AND balance.location_id = k.location_id
      AND balance.lot_id IS NOT DISTINCT FROM k.lot_id
      AND balance.handling_unit_id IS NULL
      AND balance.disposition = k.disposition
    OFFSET 0
) AS b
