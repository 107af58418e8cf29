SELECT
    (SELECT max(sealed_at) FROM ledger_seal) AS sealed_at,
    (SELECT max(movement_id_last) FROM ledger_seal) AS sealed_to,
    (SELECT max(movement_id) FROM movement) AS recorded_to
