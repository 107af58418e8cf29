-- Figures over all balances of some sites (null: of all): how many hold something, and of which
-- active items that have been there nothing is left to give, the most promised first.
WITH held AS (
    SELECT
        b.item_id,
        count(*) FILTER (WHERE b.quantity_on_hand <> 0) AS balance_count,
        sum(b.quantity_on_hand) FILTER (WHERE b.disposition = 'available') AS quantity_on_hand,
        sum(b.quantity_reserved) FILTER (WHERE b.disposition = 'available') AS quantity_reserved
    FROM balance AS b
    WHERE b.balance_id > 0
    AND ($1::bigint[] IS NULL
        OR b.location_id IN (SELECT l.location_id FROM location AS l WHERE l.site_id = ANY ($1)))
    GROUP BY b.item_id
),
short AS (
    SELECT i.item_id, i.sku, i.name, i.base_unit, h.quantity_on_hand::bigint, h.quantity_reserved::bigint
    FROM held AS h
    JOIN item AS i USING (item_id)
    WHERE h.quantity_on_hand <= h.quantity_reserved AND i.status = 'active'
)
SELECT
    (SELECT coalesce(sum(balance_count), 0)::bigint FROM held) AS balance_count,
    (SELECT count(*) FROM short) AS short_item_count,
    (
        SELECT coalesce(json_agg(s.* ORDER BY s.quantity_reserved DESC, s.sku), '[]')::text
        FROM (SELECT * FROM short ORDER BY quantity_reserved DESC, sku LIMIT $2) AS s
    ) AS short_items
