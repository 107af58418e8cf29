-- Lines of some balances in recorded order: of each the next few by its own indexes, on either side,
-- whole movements so that no line is lost at the end. Lines between two virtual places have indexes
-- of their own. `others` narrows to lines that touch one of those as well: how virtual balances are
-- explained, through the physical ones (coalesce keeps the planner from thinking that rare).
SELECT l.movement_id, l.line_number, /*sort*/
FROM (
    SELECT DISTINCT side.movement_id, side.line_number
    FROM unnest(:balance_ids::bigint[]) AS b (balance_id)
    CROSS JOIN LATERAL (
        SELECT l.movement_id, l.line_number
        FROM (
            SELECT movement_id, line_number, source_balance_id, target_balance_id
            FROM movement_line
            WHERE source_balance_id = b.balance_id AND source_balance_id > 0
            UNION ALL
            SELECT movement_id, line_number, source_balance_id, target_balance_id
            FROM movement_line
            WHERE target_balance_id = b.balance_id AND target_balance_id > 0
            UNION ALL
            SELECT movement_id, line_number, source_balance_id, target_balance_id
            FROM movement_line
            WHERE source_balance_id = b.balance_id AND source_balance_id < 0 AND target_balance_id < 0
            UNION ALL
            SELECT movement_id, line_number, source_balance_id, target_balance_id
            FROM movement_line
            WHERE target_balance_id = b.balance_id AND source_balance_id < 0 AND target_balance_id < 0
        ) AS l
        JOIN movement AS m ON m.movement_id = l.movement_id --if with_movement
        WHERE true
        AND coalesce(l.source_balance_id = ANY (:others::bigint[]) OR l.target_balance_id = ANY (:others::bigint[]), false) --if others
        AND m.kind = :kind --if kind
        AND m.actor_id = :actor_id --if actor_id
        AND m.document_id = :document_id --if document_id
        AND m.recorded_at >= :recorded_from --if recorded_from
        AND m.recorded_at < :recorded_to --if recorded_to
        AND m.occurred_at >= :occurred_from --if occurred_from
        AND m.occurred_at < :occurred_to --if occurred_to
        AND l.movement_id >= :movement_id_from --if movement_id_from
        AND l.movement_id < :movement_id_to --if movement_id_to
        /*after*/
        ORDER BY l.movement_id DESC FETCH FIRST (:limit_) ROWS WITH TIES --if downwards
        ORDER BY l.movement_id FETCH FIRST (:limit_) ROWS WITH TIES --if upwards
    ) AS side
) AS l
/*order*/
