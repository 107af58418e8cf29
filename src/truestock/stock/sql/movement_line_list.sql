-- Lines in recorded order, walked along the ledger itself.
SELECT l.movement_id, l.line_number, /*sort*/
FROM movement_line AS l
JOIN movement AS m ON m.movement_id = l.movement_id --if with_movement
WHERE true
AND l.movement_id >= :movement_id_from --if movement_id_from
AND l.movement_id < :movement_id_to --if movement_id_to
AND m.kind = :kind --if kind
AND m.actor_id = :actor_id --if actor_id
AND m.document_id = :document_id --if document_id
AND m.recorded_at >= :recorded_from --if recorded_from
AND m.recorded_at < :recorded_to --if recorded_to
AND m.occurred_at >= :occurred_from --if occurred_from
AND m.occurred_at < :occurred_to --if occurred_to
AND EXISTS (SELECT 1 FROM balance AS b WHERE b.balance_id IN (l.source_balance_id, l.target_balance_id) AND b.location_id = :location_id) --if location_id
AND EXISTS (SELECT 1 FROM balance AS b JOIN location AS p USING (location_id) WHERE b.balance_id IN (l.source_balance_id, l.target_balance_id) AND p.site_id = :site_id) --if site_id
AND EXISTS (SELECT 1 FROM balance AS b JOIN location AS p USING (location_id) WHERE b.balance_id IN (l.source_balance_id, l.target_balance_id) AND p.site_id = ANY (:site_ids::bigint[])) --if site_ids
/*after*/
/*order*/
