-- Physical balances of a few items, as many as are worth sorting.
SELECT b.balance_id
FROM balance AS b
WHERE b.balance_id > 0
AND b.item_id = ANY (:item_ids::bigint[])
AND b.location_id = :location_id --if location_id
AND b.location_id IN (SELECT location_id FROM location WHERE site_id = :site_id) --if site_id
AND b.location_id IN (SELECT location_id FROM location WHERE site_id = ANY (:site_ids::bigint[])) --if site_ids
AND b.disposition = :disposition --if disposition
AND (b.quantity_on_hand <> 0 OR b.quantity_reserved <> 0) --if nonzero
LIMIT :gathered_max
