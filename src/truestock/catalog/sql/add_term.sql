INSERT INTO supplier_term (
    supplier_id, item_id, supplier_sku, lead_time_days, order_minimum, order_multiple, currency,
    preferred
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
