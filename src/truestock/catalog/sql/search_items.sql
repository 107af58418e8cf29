-- As one types: exact codes first, then SKUs and GTINs that start so. Only when these are too few,
-- names and SKUs that contain it; only when there is nothing at all, names that nearly do. Trigrams
-- need three letters; archived items are found by their exact code alone. Prefixes are ranges, not
-- patterns, so that a prepared plan uses the index; candidates are bounded before they are weighed.
WITH starting AS (
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
        WHERE lower(sku) ~>=~ lower($1) AND lower(sku) ~<~ (lower($1) || chr(1114111))
        AND status = 'active'
        ORDER BY lower(sku) USING ~<~
        LIMIT $4::integer
    )
    UNION ALL
    (
        SELECT g.item_id, g.pack_unit, 4, 1.0 FROM item_gtin AS g JOIN item USING (item_id)
        WHERE g.gtin ~>=~ $1 AND g.gtin ~<~ ($1 || chr(1114111)) AND item.status = 'active'
        ORDER BY g.gtin USING ~<~
        LIMIT $4::integer
    )
),
containing AS (
    SELECT item_id, NULL::text AS unit, 5 AS tier, word_similarity($1, name) AS nearness
    FROM (
        SELECT item_id, name FROM item
        WHERE length($1) >= 3 AND (SELECT count(DISTINCT item_id) FROM starting) < $4::integer
        AND status = 'active' AND (name ILIKE $3 OR sku ILIKE $3)
        LIMIT 200
    ) AS bounded
),
near AS (
    SELECT item_id, NULL::text AS unit, 6 AS tier, nearness
    FROM items_near($1, $4::integer)
    WHERE length($1) >= 3
    AND NOT EXISTS (SELECT FROM starting) AND NOT EXISTS (SELECT FROM containing)
),
best AS (
    SELECT DISTINCT ON (item_id) item_id, unit, tier, nearness
    FROM (SELECT * FROM starting UNION ALL SELECT * FROM containing UNION ALL SELECT * FROM near)
        AS found
    ORDER BY item_id, tier, nearness DESC
)
SELECT i.item_id, i.sku, i.name, i.status, best.unit, best.tier <= 1 AS exact
FROM best
JOIN item AS i USING (item_id)
ORDER BY best.tier, best.nearness DESC, i.sku
LIMIT $4::integer
