-- Counts of this moment; each from an index or a small table.
SELECT
    (SELECT count(*) FROM item WHERE status = 'active') AS item_count,
    (SELECT count(*) FROM balance WHERE physical AND quantity_on_hand <> 0) AS balance_count,
    (
        SELECT count(*) FROM movement
        WHERE occurred_at >= $1::timestamptz
    ) AS movements_today,
    (SELECT max(movement_id_last) FROM ledger_seal) AS sealed_movement_id
