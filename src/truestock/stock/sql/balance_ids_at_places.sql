-- Every balance at some places, virtual ones included.
SELECT b.balance_id
FROM location AS l
CROSS JOIN LATERAL (
    SELECT balance_id FROM balance WHERE balance.location_id = l.location_id
    LIMIT :count_max --if count_max
) AS b
WHERE true
AND l.location_id = :location_id --if location_id
AND l.site_id = :site_id --if site_id
AND l.site_id = ANY (:site_ids::bigint[]) --if site_ids
LIMIT :count_max --if count_max
