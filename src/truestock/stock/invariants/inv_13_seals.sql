-- INV-13 Seals form one chain: each starts where the last one ended and carries its hash.
SELECT seal_id, movement_id_first, movement_id_last
FROM (
    SELECT
        seal_id, movement_id_first, movement_id_last, previous_hash,
        lag(seal_id, 1, 0::bigint) OVER chain AS seal_id_before,
        lag(movement_id_last, 1, 0::bigint) OVER chain AS movement_id_before,
        lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER chain AS hash_before
    FROM ledger_seal
    WINDOW chain AS (ORDER BY seal_id)
) AS seal
WHERE seal_id <> seal_id_before + 1
   OR movement_id_first <> movement_id_before + 1
   OR previous_hash <> hash_before
