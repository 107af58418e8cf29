SELECT seal_id, movement_id_last, hash FROM ledger_seal ORDER BY seal_id DESC LIMIT 1
