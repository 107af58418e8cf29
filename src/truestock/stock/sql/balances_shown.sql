SELECT
    balance_id, item_id, sku, item_name, base_unit, site_id, site_code, location_id,
    location_code, lot_code, disposition, quantity_on_hand, quantity_reserved, quantity_available
FROM balance_shown
WHERE balance_id = ANY ($1::bigint[])
