-- Totals of items in the order of a quantity: all that the filters leave are summed up first.
SELECT
    i.item_id, i.sku, i.name, i.base_unit, i.status,
    t.quantity_on_hand, t.quantity_reserved, t.quantity_available,
    t.state, /*sort*/
FROM (
    SELECT
        item_id,
        sum(quantity_on_hand)::bigint AS quantity_on_hand,
        sum(quantity_reserved)::bigint AS quantity_reserved,
        sum(quantity_available)::bigint AS quantity_available,
        CASE
            WHEN min(quantity_on_hand) < 0 THEN 'negative'
            WHEN sum(quantity_on_hand) = 0 THEN 'out'
            ELSE 'ok'
        END AS state
    FROM balance_shown
    WHERE balance_id > 0
    AND item_id = ANY (:item_ids::bigint[]) --if item_ids
    AND (sku ILIKE :pattern OR item_name ILIKE :pattern) --if pattern
    AND site_id = :site_id --if site_id
    AND site_id = ANY (:site_ids::bigint[]) --if site_ids
    GROUP BY item_id
) AS t
JOIN item AS i USING (item_id)
WHERE (i.status = 'active' OR t.quantity_on_hand <> 0)
AND t.state = :state --if state
/*after*/
/*order*/
