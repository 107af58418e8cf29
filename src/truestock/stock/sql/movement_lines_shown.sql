-- Lines by (movement, line number), with all that is shown of them.
SELECT
    m.movement_id, l.line_number, m.kind, m.occurred_at, m.recorded_at, m.document_id,
    m.actor_id, a.name AS actor_name, m.request_key, m.reason, m.note, m.reverses_id,
    r.movement_id AS reversed_by_id,
    i.item_id, i.sku, i.name AS item_name, i.base_unit, lot.code AS lot_code,
    s.location_id AS source_location_id, sl.code AS source_location_code,
    t.location_id AS target_location_id, tl.code AS target_location_code,
    sl.site_id AS source_site_id, tl.site_id AS target_site_id,
    l.source_balance_id, l.target_balance_id,
    s.disposition AS source_disposition, t.disposition AS target_disposition,
    l.quantity, l.source_quantity_after, l.target_quantity_after,
    l.unit_entered, l.quantity_entered, l.unit_cost_minor
FROM unnest($1::bigint[], $2::smallint[]) AS k (movement_id, line_number)
JOIN movement_line AS l ON l.movement_id = k.movement_id AND l.line_number = k.line_number
JOIN movement AS m ON m.movement_id = l.movement_id
LEFT JOIN actor AS a ON a.actor_id = m.actor_id
LEFT JOIN movement AS r ON r.reverses_id = m.movement_id
JOIN balance AS s ON s.balance_id = l.source_balance_id
JOIN balance AS t ON t.balance_id = l.target_balance_id
JOIN location AS sl ON sl.location_id = s.location_id
JOIN location AS tl ON tl.location_id = t.location_id
JOIN item AS i ON i.item_id = s.item_id
LEFT JOIN lot ON lot.lot_id = s.lot_id
