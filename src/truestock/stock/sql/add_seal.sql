INSERT INTO ledger_seal (
    seal_id, movement_id_first, movement_id_last, movement_count, previous_hash, hash)
VALUES ($1, $2, $3, $4, $5, $6)
