-- Balances sorted as a whole: those that were gathered, or all of them (by quantity).
SELECT b.balance_id, /*sort*/
FROM balance AS b
JOIN item AS i ON i.item_id = b.item_id --if with_item
JOIN location AS l ON l.location_id = b.location_id --if with_location
WHERE b.balance_id > 0
AND b.balance_id = ANY (:balance_ids::bigint[]) --if balance_ids
AND b.item_id = ANY (:item_ids::bigint[]) --if item_ids
AND (i.sku ILIKE :pattern OR i.name ILIKE :pattern) --if pattern
AND b.location_id = :location_id --if location_id
AND l.site_id = :site_id --if site_id
AND l.site_id = ANY (:site_ids::bigint[]) --if site_ids
AND b.disposition = :disposition --if disposition
AND (b.quantity_on_hand <> 0 OR b.quantity_reserved <> 0) --if nonzero
/*after*/
/*order*/
