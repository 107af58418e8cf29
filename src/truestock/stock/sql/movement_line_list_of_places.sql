-- Lines that touch some places, in recorded order, however far back they are: only blocks of 100
-- movements that touch them are looked into, and those after the end of the index (from
-- :block_first on), where every block may. Blocks come in order, so the first that fill the page
-- are the last looked into.
SELECT l.movement_id, l.line_number, /*sort*/
FROM (
    (
        SELECT k.block
        FROM movement_block AS k
        JOIN movement_block_location AS p ON p.block = k.block AND p.location_id = :location_id --if location_id
        WHERE k.block < :block_first
        AND :site_id = ANY (k.site_ids) --if site_id
        AND k.site_ids && :site_ids::bigint[] --if site_ids
        ORDER BY k.block DESC --if downwards
        ORDER BY k.block --if upwards
    )
    UNION ALL
    (
        SELECT block FROM generate_series(:block_first::bigint, :block_last::bigint) AS block
        ORDER BY block DESC --if downwards
        ORDER BY block --if upwards
    )
) AS k
CROSS JOIN LATERAL (
    SELECT l.movement_id, l.line_number
    FROM movement_line AS l
    JOIN movement AS m ON m.movement_id = l.movement_id --if with_movement
    WHERE l.movement_id >= k.block * 100 AND l.movement_id < (k.block + 1) * 100
    AND m.movement_id >= k.block * 100 AND m.movement_id < (k.block + 1) * 100 --if with_movement
    AND m.kind = :kind --if kind
    AND m.actor_id = :actor_id --if actor_id
    AND m.recorded_at >= :recorded_from --if recorded_from
    AND m.recorded_at < :recorded_to --if recorded_to
    AND m.occurred_at >= :occurred_from --if occurred_from
    AND m.occurred_at < :occurred_to --if occurred_to
    AND EXISTS (SELECT 1 FROM balance AS b WHERE b.balance_id IN (l.source_balance_id, l.target_balance_id) AND b.location_id = :location_id) --if location_id
    AND EXISTS (SELECT 1 FROM balance AS b JOIN location AS p USING (location_id) WHERE b.balance_id IN (l.source_balance_id, l.target_balance_id) AND p.site_id = :site_id) --if site_id
    AND EXISTS (SELECT 1 FROM balance AS b JOIN location AS p USING (location_id) WHERE b.balance_id IN (l.source_balance_id, l.target_balance_id) AND p.site_id = ANY (:site_ids::bigint[])) --if site_ids
    /*after*/
    ORDER BY l.movement_id DESC, l.line_number DESC LIMIT :limit_ --if downwards
    ORDER BY l.movement_id, l.line_number LIMIT :limit_ --if upwards
) AS l
WHERE true
AND k.block <= :after_value_::text::bigint / 100 --if backward
AND k.block >= :after_value_::text::bigint / 100 --if onward
AND k.block >= :movement_id_from::bigint / 100 --if movement_id_from
AND k.block <= :movement_id_to::bigint / 100 --if movement_id_to
ORDER BY k.block DESC, l.movement_id DESC, l.line_number DESC LIMIT :limit_ --if downwards
ORDER BY k.block, l.movement_id, l.line_number LIMIT :limit_ --if upwards
