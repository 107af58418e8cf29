SELECT r.reservation_id, /*sort*/
FROM reservation AS r
JOIN balance AS b ON b.balance_id = r.balance_id
JOIN location AS l ON l.location_id = b.location_id
WHERE true
AND r.state = :state --if state
AND r.balance_id = :balance_id --if balance_id
AND r.balance_id = ANY (ARRAY(SELECT balance_id FROM balance WHERE item_id = :item_id)) --if item_id
AND b.location_id = :location_id --if location_id
AND r.document_id = :document_id --if document_id
AND r.actor_id = :actor_id --if actor_id
AND l.site_id = :site_id --if site_id
AND l.site_id = ANY (:site_ids::bigint[]) --if site_ids
/*after*/
/*order*/
