-- Balances in the order of location codes, however many there are: locations are walked along
-- their index, and in each only as many balances are taken as a page can show.
SELECT b.balance_id, /*sort*/
FROM location AS l
CROSS JOIN LATERAL (
    SELECT balance.balance_id
    FROM balance
    JOIN item AS i ON i.item_id = balance.item_id --if pattern
    WHERE balance.location_id = l.location_id
    AND balance.balance_id > 0
    AND balance.item_id = ANY (:item_ids::bigint[]) --if item_ids
    AND (i.sku ILIKE :pattern OR i.name ILIKE :pattern) --if pattern
    AND disposition = :disposition --if disposition
    AND (quantity_on_hand <> 0 OR quantity_reserved <> 0) --if nonzero
    AND balance.balance_id > CASE WHEN l.code = :after_value_ THEN :after_key_::bigint ELSE 0 END --if onward
    AND balance.balance_id < CASE WHEN l.code = :after_value_ THEN :after_key_::bigint ELSE 9223372036854775807 END --if backward
    ORDER BY balance.balance_id --if upwards
    ORDER BY balance.balance_id DESC --if downwards
    LIMIT :limit_
) AS b
WHERE l.physical
AND l.location_id = :location_id --if location_id
AND l.site_id = :site_id --if site_id
AND l.site_id = ANY (:site_ids::bigint[]) --if site_ids
AND l.code >= :after_value_ --if onward
AND l.code <= :after_value_ --if backward
/*after*/
/*order*/
