SELECT count(*) AS seal_count, coalesce(max(movement_id_last), 0) AS movement_id_sealed
FROM ledger_seal
