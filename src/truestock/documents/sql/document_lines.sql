-- Where a line really moves: an adjustment's line that names a place names all it has; others
-- fall back on the document's places, each side for itself.
SELECT
    l.line_number, l.item_id, i.sku, i.name AS item_name, l.quantity_entered, l.unit,
    l.quantity_base, i.base_unit, l.lot_code, l.disposition, l.unit_cost_minor,
    s.location_id AS source_location_id, s.code AS source_location_code,
    t.location_id AS target_location_id, t.code AS target_location_code
FROM document_line AS l
JOIN document AS d USING (document_id)
JOIN item AS i USING (item_id)
CROSS JOIN LATERAL (
    SELECT d.type = 'adjustment'
        AND coalesce(l.source_location_id, l.target_location_id) IS NOT NULL AS complete
) AS own
LEFT JOIN location AS s ON s.location_id
    = coalesce(l.source_location_id, CASE WHEN NOT own.complete THEN d.source_location_id END)
LEFT JOIN location AS t ON t.location_id
    = coalesce(l.target_location_id, CASE WHEN NOT own.complete THEN d.target_location_id END)
WHERE l.document_id = $1
ORDER BY l.line_number
