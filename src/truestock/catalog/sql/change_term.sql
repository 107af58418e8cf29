UPDATE supplier_term
SET supplier_sku = $3,
    lead_time_days = $4,
    order_minimum = $5,
    order_multiple = $6,
    currency = $7,
    preferred = $8,
    version = version + 1,
    changed_at = now()
WHERE supplier_id = $1 AND item_id = $2
