-- What the coarse index of the ledger says is what its lines say, up to where it goes.
WITH side AS MATERIALIZED (
    SELECT DISTINCT l.movement_id, p.location_id, p.site_id
    FROM movement_line AS l
    CROSS JOIN LATERAL (VALUES (l.source_balance_id), (l.target_balance_id)) AS v (balance_id)
    JOIN balance AS b ON b.balance_id = v.balance_id
    JOIN location AS p USING (location_id)
    WHERE l.movement_id <= (SELECT i.movement_id FROM movement_index AS i)
)
SELECT 'location not in block' AS fault, location_id AS of_what, block
FROM (
    SELECT location_id, movement_id / 100 AS block FROM side
    EXCEPT
    SELECT location_id, block FROM movement_block_location
) AS located
UNION ALL
SELECT 'site not in block', side.site_id, side.movement_id / 100
FROM side
LEFT JOIN movement_block AS k ON k.block = side.movement_id / 100
WHERE side.site_id IS NOT NULL AND (side.site_id = ANY (k.site_ids)) IS NOT TRUE
UNION ALL
SELECT 'movements miscounted', (SELECT count(DISTINCT movement_id) FROM side), sum(movement_count)
FROM movement_day
HAVING coalesce(sum(movement_count), 0) <> (SELECT count(DISTINCT movement_id) FROM side)
