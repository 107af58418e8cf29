INSERT INTO supplier_price_break (supplier_id, item_id, quantity_minimum, unit_price_minor)
SELECT $1, $2, n.quantity_minimum, n.unit_price_minor
FROM unnest($3::bigint[], $4::bigint[]) AS n (quantity_minimum, unit_price_minor)
