SELECT seal_id, movement_id_first, movement_id_last, movement_count, previous_hash, hash, sealed_at
FROM ledger_seal
WHERE seal_id > $1
ORDER BY seal_id
LIMIT $2
