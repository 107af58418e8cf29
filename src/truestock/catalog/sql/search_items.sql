-- As one types: exact codes first, then SKUs and GTINs that start so, then names and SKUs that
-- contain it, then those that nearly do. Trigrams need three letters; archived only by exact code.
WITH found AS (
    SELECT item_id, NULL::text AS unit, 0 AS tier, 1.0::real AS nearness
    FROM item
    WHERE sku = $1
    UNION ALL
    SELECT item_id, pack_unit, 1, 1.0 FROM item_gtin WHERE gtin_14 = $2
    UNION ALL
    SELECT item_id, NULL, 2, 1.0 FROM item WHERE lower(sku) = lower($1)
    UNION ALL
    (
        SELECT item_id, NULL, 3, 1.0 FROM item
        WHERE lower(sku) LIKE lower($3) AND status = 'active'
        ORDER BY lower(sku) USING ~<~
        LIMIT $5::integer
    )
    UNION ALL
    (
        SELECT g.item_id, g.pack_unit, 4, 1.0 FROM item_gtin AS g JOIN item USING (item_id)
        WHERE g.gtin LIKE $3 AND item.status = 'active'
        ORDER BY g.gtin USING ~<~
        LIMIT $5::integer
    )
    UNION ALL
    (
        SELECT item_id, NULL, 5, word_similarity($1, name) FROM item
        WHERE length($1) >= 3 AND status = 'active' AND (name ILIKE $4 OR sku ILIKE $4)
        ORDER BY word_similarity($1, name) DESC, name
        LIMIT $5::integer
    )
    UNION ALL
    SELECT item_id, NULL, 6, nearness FROM items_near($1, $5::integer)
),
best AS (
    SELECT DISTINCT ON (item_id) item_id, unit, tier, nearness
    FROM found
    ORDER BY item_id, tier, nearness DESC
)
SELECT i.item_id, i.sku, i.name, i.status, best.unit, best.tier <= 1 AS exact
FROM best
JOIN item AS i USING (item_id)
ORDER BY best.tier, best.nearness DESC, i.sku
LIMIT $5::integer
