-- Every balance of an item, virtual places included.
SELECT b.balance_id
FROM balance AS b
WHERE b.item_id = :item_id
AND b.location_id = :location_id --if location_id
AND b.location_id IN (SELECT location_id FROM location WHERE site_id = :site_id) --if site_id
AND b.location_id IN (SELECT location_id FROM location WHERE site_id = ANY (:site_ids::bigint[])) --if site_ids
