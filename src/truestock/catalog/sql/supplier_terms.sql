SELECT
    t.supplier_id, p.code AS supplier_code, p.name AS supplier_name, t.item_id, i.sku,
    t.lead_time_days, t.supplier_sku, t.order_minimum, t.order_multiple, t.currency,
    t.preferred, t.version, t.recorded_at, t.changed_at,
    (
        SELECT coalesce(json_agg(json_build_object(
            'quantity_minimum', b.quantity_minimum, 'unit_price_minor', b.unit_price_minor
        ) ORDER BY b.quantity_minimum), '[]')::text
        FROM supplier_price_break AS b
        WHERE b.supplier_id = t.supplier_id AND b.item_id = t.item_id
    ) AS price_breaks
FROM supplier_term AS t
JOIN party AS p ON p.party_id = t.supplier_id
JOIN item AS i ON i.item_id = t.item_id
WHERE t.item_id = ANY ($1::bigint[]) AND ($2::bigint IS NULL OR t.supplier_id = $2)
ORDER BY t.item_id, t.preferred DESC, p.code
