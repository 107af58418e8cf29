-- A posted reversing document and its original name each other, and mirror each other's lines.
SELECT r.document_id AS reversal_id, o.document_id AS original_id, o.reversed_by_id
FROM document AS r
LEFT JOIN document AS o ON o.document_id = r.reverses_id
WHERE r.reverses_id IS NOT NULL AND r.state = 'posted'
AND (o.reversed_by_id IS DISTINCT FROM r.document_id OR o.type <> r.type)
UNION ALL
SELECT o.reversed_by_id, o.document_id, o.reversed_by_id
FROM document AS o
LEFT JOIN document AS r ON r.document_id = o.reversed_by_id
WHERE o.reversed_by_id IS NOT NULL
AND (r.reverses_id IS DISTINCT FROM o.document_id OR r.state <> 'posted')
UNION ALL
SELECT r.document_id, r.reverses_id, NULL
FROM document AS r
WHERE r.reverses_id IS NOT NULL AND r.state = 'posted'
AND EXISTS (
    SELECT item_id, lot_code, disposition, quantity_base, source_location_id, target_location_id
    FROM document_line WHERE document_id = r.document_id
    EXCEPT
    SELECT item_id, lot_code, disposition, quantity_base, source_location_id, target_location_id
    FROM document_line WHERE document_id = r.reverses_id
)
