SELECT
    t.supplier_id, p.code AS supplier_code, t.item_id, i.sku, i.name, t.supplier_sku,
    t.lead_time_days, t.order_minimum, t.order_multiple, t.currency, t.preferred, t.version,
    (
        SELECT min(b.unit_price_minor)
        FROM supplier_price_break AS b
        WHERE b.supplier_id = t.supplier_id AND b.item_id = t.item_id
    ) AS unit_price_minor_lowest,
    /*sort*/
FROM supplier_term AS t
JOIN party AS p ON p.party_id = t.supplier_id
JOIN item AS i ON i.item_id = t.item_id
WHERE t.supplier_id = :supplier_id
AND (i.sku ILIKE :pattern OR i.name ILIKE :pattern OR t.supplier_sku ILIKE :pattern) --if pattern
/*after*/
/*order*/
