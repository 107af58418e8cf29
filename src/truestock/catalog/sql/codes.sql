-- Which item, and which of its packs, each code exactly is. A SKU wins over a GTIN.
SELECT DISTINCT ON (c.place) c.code, f.item_id, f.sku, f.unit
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS c (code, gtin_14, place)
CROSS JOIN LATERAL (
    SELECT i.item_id, i.sku, i.base_unit AS unit, 0 AS tier FROM item AS i WHERE i.sku = c.code
    UNION ALL
    SELECT i.item_id, i.sku, coalesce(g.pack_unit, i.base_unit), 1
    FROM item_gtin AS g JOIN item AS i USING (item_id)
    WHERE g.gtin_14 = c.gtin_14
) AS f
ORDER BY c.place, f.tier
