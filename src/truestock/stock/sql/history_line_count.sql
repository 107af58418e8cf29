-- How many lines of an item there are since a movement, counted up to a limit.
SELECT count(*)
FROM (
    SELECT side.movement_id
    FROM balance AS b
    CROSS JOIN LATERAL (
        SELECT movement_id FROM movement_line
        WHERE source_balance_id = b.balance_id AND source_balance_id > 0 AND movement_id >= $2
        UNION ALL
        SELECT movement_id FROM movement_line
        WHERE target_balance_id = b.balance_id AND target_balance_id > 0 AND movement_id >= $2
    ) AS side
    WHERE b.item_id = $1 AND b.balance_id > 0
    LIMIT $3
) AS found
