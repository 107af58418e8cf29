-- Balances at some places, place by place, as many as are worth sorting.
SELECT b.balance_id
FROM location AS l
CROSS JOIN LATERAL (
    SELECT balance_id, item_id
    FROM balance
    WHERE balance.location_id = l.location_id
    AND balance_id > 0
    AND disposition = :disposition --if disposition
    AND (quantity_on_hand <> 0 OR quantity_reserved <> 0) --if nonzero
    LIMIT :gathered_max
) AS b
WHERE l.physical
AND l.location_id = :location_id --if location_id
AND l.site_id = :site_id --if site_id
AND l.site_id = ANY (:site_ids::bigint[]) --if site_ids
LIMIT :gathered_max
