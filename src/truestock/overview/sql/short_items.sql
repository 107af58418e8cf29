-- Active items that have moved and of which nothing is left to give, the most promised first.
SELECT item_id, sku, name, base_unit, quantity_on_hand, quantity_reserved, count(*) OVER () AS found
FROM (
    SELECT i.item_id, i.sku, i.name, i.base_unit,
        sum(b.quantity_on_hand)::bigint AS quantity_on_hand,
        sum(b.quantity_reserved)::bigint AS quantity_reserved
    FROM item AS i
    JOIN balance AS b ON b.item_id = i.item_id AND b.physical AND b.disposition = 'available'
    JOIN location AS l ON l.location_id = b.location_id
    WHERE i.status = 'active' AND ($1::bigint[] IS NULL OR l.site_id = ANY ($1::bigint[]))
    GROUP BY i.item_id
    HAVING sum(b.quantity_on_hand) <= sum(b.quantity_reserved)
) AS short
ORDER BY quantity_reserved DESC, sku
LIMIT $2
