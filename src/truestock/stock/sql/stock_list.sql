-- Totals of items, walked along the index of the sort; only the items of the page are summed up
-- (and those that a filter on the totals has to look at). An item that is out has no balance above
-- zero: that is quicker asked than summed. Items that are few are sorted before anything is summed:
-- left to itself the planner would look for them along the whole index.
SELECT
    i.item_id, i.sku, i.name, i.base_unit, i.status,
    t.quantity_on_hand, t.quantity_reserved, t.quantity_available,
    t.state, /*sort*/
FROM (
    SELECT *
    FROM item AS i
    WHERE i.item_id = ANY (:item_ids::bigint[]) --if item_ids
    /*sorted*/ --if item_ids
) AS i
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(b.quantity_on_hand), 0)::bigint AS quantity_on_hand,
        coalesce(sum(b.quantity_reserved), 0)::bigint AS quantity_reserved,
        coalesce(sum(b.quantity_available), 0)::bigint AS quantity_available,
        CASE
            WHEN min(b.quantity_on_hand) < 0 THEN 'negative'
            WHEN coalesce(sum(b.quantity_on_hand), 0) = 0 THEN 'out'
            ELSE 'ok'
        END AS state,
        count(*) AS balance_count
    FROM balance_shown AS b
    WHERE b.item_id = i.item_id AND b.balance_id > 0
    AND b.site_id = :site_id --if site_id
    AND b.site_id = ANY (:site_ids::bigint[]) --if site_ids
) AS t
WHERE (i.status = 'active' OR t.quantity_on_hand <> 0)
AND (i.sku ILIKE :pattern OR i.name ILIKE :pattern) --if pattern
AND NOT EXISTS (SELECT 1 FROM balance AS p WHERE p.item_id = i.item_id AND p.balance_id > 0 AND p.quantity_on_hand > 0) --if out_everywhere
AND t.balance_count > 0 --if at_sites
AND t.state = :state --if state
AND i.sku >= :after_value_ --if sku_onward
AND i.sku <= :after_value_ --if sku_backward
AND i.name >= :after_value_ --if name_onward
AND i.name <= :after_value_ --if name_backward
/*after*/
/*order*/
