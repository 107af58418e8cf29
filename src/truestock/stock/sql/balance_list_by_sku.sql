-- Balances in the order of SKUs, however many there are: items are walked along their index, and
-- only those of the page are looked into. The bound on the SKU alone is what the index can use.
SELECT b.balance_id, /*sort*/
FROM item AS i
CROSS JOIN LATERAL (
    SELECT balance_id, location_id
    FROM balance
    WHERE balance.item_id = i.item_id
    AND balance_id > 0
    AND location_id = :location_id --if location_id
    AND disposition = :disposition --if disposition
    AND (quantity_on_hand <> 0 OR quantity_reserved <> 0) --if nonzero
    OFFSET 0
) AS b
JOIN location AS l ON l.location_id = b.location_id --if with_location
WHERE true
AND i.item_id = ANY (:item_ids::bigint[]) --if item_ids
AND (i.sku ILIKE :pattern OR i.name ILIKE :pattern) --if pattern
AND l.site_id = :site_id --if site_id
AND l.site_id = ANY (:site_ids::bigint[]) --if site_ids
AND i.sku >= :after_value_ --if onward
AND i.sku <= :after_value_ --if backward
/*after*/
/*order*/
