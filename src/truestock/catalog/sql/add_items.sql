INSERT INTO item (
    sku, name, description, base_unit, tracking, shelf_life_days, currency, list_price_minor,
    cost_minor, picture_url
)
SELECT *
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::text[],
    $8::bigint[], $9::bigint[], $10::text[]
) AS n (
    sku, name, description, base_unit, tracking, shelf_life_days, currency, list_price_minor,
    cost_minor, picture_url
)
ORDER BY sku
RETURNING item_id, sku
