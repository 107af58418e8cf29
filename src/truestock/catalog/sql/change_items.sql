UPDATE item
SET sku = n.sku,
    name = n.name,
    description = n.description,
    base_unit = n.base_unit,
    tracking = n.tracking,
    shelf_life_days = n.shelf_life_days,
    currency = n.currency,
    list_price_minor = n.list_price_minor,
    cost_minor = n.cost_minor,
    picture_url = n.picture_url,
    version = item.version + 1,
    changed_at = now()
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::text[],
    $8::bigint[], $9::bigint[], $10::text[], $11::bigint[]
) AS n (
    sku, name, description, base_unit, tracking, shelf_life_days, currency, list_price_minor,
    cost_minor, picture_url, item_id
)
WHERE item.item_id = n.item_id
