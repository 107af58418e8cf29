SELECT
    i.item_id, i.sku, i.name, i.description, i.base_unit, g.gtin, i.tracking, i.shelf_life_days,
    i.currency, i.list_price_minor, i.cost_minor, i.picture_url, i.status, i.version,
    i.recorded_at, i.changed_at,
    (
        SELECT coalesce(json_agg(json_build_object(
            'unit', p.unit,
            'factor_numerator', p.factor_numerator,
            'factor_denominator', p.factor_denominator,
            'gtin', pg.gtin
        ) ORDER BY p.factor_numerator::numeric / p.factor_denominator, p.unit), '[]')::text
        FROM item_pack AS p
        LEFT JOIN item_gtin AS pg ON pg.item_id = p.item_id AND pg.pack_unit = p.unit
        WHERE p.item_id = i.item_id
    ) AS packs
FROM item AS i
LEFT JOIN item_gtin AS g ON g.item_id = i.item_id AND g.pack_unit IS NULL
WHERE i.item_id = ANY ($1::bigint[]) OR i.sku = ANY ($2::text[])
