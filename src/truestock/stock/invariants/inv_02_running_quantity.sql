-- INV-2 The quantity after each line is the one before it, on that balance, plus the line.
SELECT balance_id, movement_id, line_number, quantity_after, quantity_expected
FROM (
    SELECT
        balance_id, movement_id, line_number, quantity_after,
        sum(quantity) OVER (
            PARTITION BY balance_id ORDER BY movement_id, line_number
        ) AS quantity_expected
    FROM (
        SELECT source_balance_id AS balance_id, movement_id, line_number,
            -quantity AS quantity, source_quantity_after AS quantity_after
        FROM movement_line
        UNION ALL
        SELECT target_balance_id, movement_id, line_number, quantity, target_quantity_after
        FROM movement_line
    ) AS side
) AS running
WHERE quantity_after <> quantity_expected
