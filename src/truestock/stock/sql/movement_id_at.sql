-- The first movement recorded at or after a moment, by halving: ids rise with time but for what
-- was posted at the same instant.
WITH RECURSIVE search (low, high) AS (
    SELECT 0::bigint, coalesce(max(movement_id), 0) + 1 FROM movement
    UNION ALL
    SELECT
        CASE WHEN probe.recorded_at < $1 THEN probe.movement_id + 1 ELSE search.low END,
        CASE WHEN probe.recorded_at < $1 THEN search.high ELSE (search.low + search.high) / 2 END
    FROM search
    CROSS JOIN LATERAL (
        SELECT movement_id, recorded_at
        FROM movement
        WHERE movement_id >= (search.low + search.high) / 2
        ORDER BY movement_id
        LIMIT 1
    ) AS probe
    WHERE search.low < search.high
)
SELECT low FROM search ORDER BY high - low, low DESC LIMIT 1
