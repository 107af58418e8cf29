-- Movements to be reversed, with their lines in order; both never change.
SELECT m.movement_id, m.kind, m.document_id, m.reverses_id,
    (
        SELECT jsonb_agg(jsonb_build_array(
            l.source_balance_id, l.target_balance_id, l.quantity, sl.lot_id) ORDER BY l.line_number)
        FROM movement_line AS l
        JOIN balance AS sb ON sb.balance_id = l.source_balance_id
        LEFT JOIN lot AS sl ON sl.lot_id = sb.lot_id AND sl.serial
        WHERE l.movement_id = m.movement_id
    )::text AS lines
FROM movement AS m
WHERE m.movement_id = ANY ($1::bigint[])
