SELECT
    i.item_id, i.sku, i.tracking, i.status, i.base_unit,
    p.units, p.numerators, p.denominators
FROM item AS i
CROSS JOIN LATERAL (
    SELECT array_agg(unit) AS units, array_agg(factor_numerator) AS numerators,
        array_agg(factor_denominator) AS denominators
    FROM item_pack
    WHERE item_pack.item_id = i.item_id
) AS p
WHERE i.sku = ANY ($1::text[]) OR i.item_id = ANY ($2::bigint[])
