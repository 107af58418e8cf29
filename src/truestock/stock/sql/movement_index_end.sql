-- Up to where movements are in the coarse index of the ledger, and the last movement of all.
SELECT
    i.movement_id, (SELECT coalesce(max(m.movement_id), 0) FROM movement AS m) AS movement_id_last
FROM movement_index AS i
