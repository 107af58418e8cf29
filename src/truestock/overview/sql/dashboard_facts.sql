-- What is quickly known: the size of the catalogue, how far the ledger is sealed, and the number
-- of the newest balance, which tells how many there may be.
SELECT
    (SELECT count(*) FROM item WHERE status = 'active') AS item_count,
    (SELECT max(movement_id_last) FROM ledger_seal) AS sealed_movement_id,
    (SELECT coalesce(max(balance_id), 0) FROM balance) AS balance_id_last
