-- INV-10 A posted document's quantities equal its unreversed movement lines; others have none.
WITH expected AS (
    SELECT
        d.document_id, l.item_id, l.lot_code, l.disposition, place.source_id, place.target_id,
        l.quantity_base AS quantity
    FROM document AS d
    JOIN document_line AS l USING (document_id)
    CROSS JOIN LATERAL (
        SELECT d.type = 'adjustment'
            AND coalesce(l.source_location_id, l.target_location_id) IS NOT NULL AS complete
    ) AS own
    CROSS JOIN LATERAL (
        SELECT
            coalesce(
                l.source_location_id,
                CASE WHEN NOT own.complete THEN d.source_location_id END,
                (SELECT location_id FROM location WHERE code = CASE d.type
                    WHEN 'receipt' THEN 'SUPPLIER' ELSE 'ADJUSTMENT' END)) AS source_id,
            coalesce(
                l.target_location_id,
                CASE WHEN NOT own.complete THEN d.target_location_id END,
                (SELECT location_id FROM location WHERE code = CASE d.type
                    WHEN 'delivery' THEN 'CUSTOMER' ELSE 'ADJUSTMENT' END)) AS target_id
    ) AS forward
    CROSS JOIN LATERAL (
        SELECT
            CASE WHEN d.reverses_id IS NULL THEN forward.source_id ELSE forward.target_id END AS source_id,
            CASE WHEN d.reverses_id IS NULL THEN forward.target_id ELSE forward.source_id END AS target_id
    ) AS place
    WHERE d.state = 'posted' AND d.reversed_by_id IS NULL
),
moved AS (
    SELECT
        m.document_id, s.item_id, lot.code AS lot_code, s.disposition,
        s.location_id AS source_id, t.location_id AS target_id, l.quantity
    FROM movement AS m
    JOIN movement_line AS l USING (movement_id)
    JOIN balance AS s ON s.balance_id = l.source_balance_id
    JOIN balance AS t ON t.balance_id = l.target_balance_id
    LEFT JOIN lot ON lot.lot_id = s.lot_id
    WHERE m.document_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM movement AS r WHERE r.reverses_id = m.movement_id)
)
SELECT document_id, item_id, lot_code, disposition, source_id, target_id, sum(quantity) AS difference
FROM (
    SELECT * FROM expected
    UNION ALL
    SELECT document_id, item_id, lot_code, disposition, source_id, target_id, -quantity FROM moved
) AS both_sides
GROUP BY document_id, item_id, lot_code, disposition, source_id, target_id
HAVING sum(quantity) <> 0
