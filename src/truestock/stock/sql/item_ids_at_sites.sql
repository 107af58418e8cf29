-- Items with balances at some sites, as many balances as are worth looking at one by one.
SELECT b.item_id
FROM location AS l
CROSS JOIN LATERAL (
    SELECT item_id FROM balance
    WHERE balance.location_id = l.location_id AND balance_id > 0
    LIMIT :gathered_max
) AS b
WHERE l.physical
AND l.site_id = :site_id --if site_id
AND l.site_id = ANY (:site_ids::bigint[]) --if site_ids
LIMIT :gathered_max
