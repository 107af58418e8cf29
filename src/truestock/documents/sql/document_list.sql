SELECT
    d.document_id, d.type, d.number, d.state, d.version, d.party_id, p.name AS party_name,
    d.source_location_id, s.code AS source_location_code, d.source_site_id,
    d.target_location_id, g.code AS target_location_code, d.target_site_id,
    d.reference, d.reason_code, d.occurred_at, d.due_on, d.recorded_at, d.posted_at,
    d.created_by AS created_by_id, c.name AS created_by,
    d.approved_at IS NOT NULL AS approved, d.reverses_id, d.reversed_by_id,
    (SELECT count(*) FROM document_line AS l WHERE l.document_id = d.document_id) AS line_count,
    /*sort*/
FROM document AS d
JOIN actor AS c ON c.actor_id = d.created_by
LEFT JOIN party AS p ON p.party_id = d.party_id
LEFT JOIN location AS s ON s.location_id = d.source_location_id
LEFT JOIN location AS g ON g.location_id = d.target_location_id
WHERE true
AND (d.source_site_id = ANY (:site_ids::bigint[]) OR d.target_site_id = ANY (:site_ids::bigint[])) --if site_ids
AND (d.source_site_id = :site_id OR d.target_site_id = :site_id) --if site_id
AND d.type = :type --if type
AND d.state = :state --if state
AND d.party_id = :party_id --if party_id
AND (d.reversed_by_id IS NOT NULL) = :reversed --if reversed
AND EXISTS (SELECT 1 FROM document_line AS l WHERE l.document_id = d.document_id AND l.item_id = :item_id) --if item_id
AND coalesce(d.occurred_at, d.recorded_at) >= :since --if since
AND coalesce(d.occurred_at, d.recorded_at) < :until --if until
AND (d.number LIKE :number_prefix OR (lower(d.reference) LIKE :reference_prefix AND d.reference <> '')) --if number_prefix
/*after*/
/*order*/
