-- A reversing document has its original's lines; it is its kind of movement that mirrors them.
INSERT INTO document_line (
    document_id, line_number, item_id, lot_code, disposition, unit, quantity_entered,
    quantity_base, source_location_id, target_location_id
)
SELECT
    $2, line_number, item_id, lot_code, disposition, unit, quantity_entered,
    quantity_base, source_location_id, target_location_id
FROM document_line
WHERE document_id = $1
