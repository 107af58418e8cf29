-- What there was at the end of each day, by when it happened: what there is now, less what has
-- happened since that day. $2: no line since that day has a smaller movement id.
WITH mine AS (
    SELECT b.balance_id, b.quantity_on_hand
    FROM balance AS b
    JOIN location AS l USING (location_id)
    WHERE b.item_id = $1 AND b.balance_id > 0 AND ($6::bigint[] IS NULL OR l.site_id = ANY ($6))
),
day AS (
    SELECT generate_series(
        ($3::timestamptz AT TIME ZONE $4)::date - ($5::integer - 1),
        ($3::timestamptz AT TIME ZONE $4)::date, interval '1 day')::date AS day
),
side AS (
    SELECT l.movement_id, l.delta
    FROM mine
    CROSS JOIN LATERAL (
        SELECT movement_id, -quantity AS delta FROM movement_line
        WHERE source_balance_id = mine.balance_id AND source_balance_id > 0 AND movement_id >= $2
        UNION ALL
        SELECT movement_id, quantity FROM movement_line
        WHERE target_balance_id = mine.balance_id AND target_balance_id > 0 AND movement_id >= $2
    ) AS l
),
daily AS MATERIALIZED (
    SELECT (m.occurred_at AT TIME ZONE $4)::date AS day, sum(side.delta) AS delta
    FROM side
    JOIN movement AS m USING (movement_id)
    WHERE m.occurred_at >= (SELECT min(day) FROM day)::timestamp AT TIME ZONE $4
    GROUP BY 1
)
SELECT
    day.day,
    (
        (SELECT coalesce(sum(quantity_on_hand), 0) FROM mine)
        - (SELECT coalesce(sum(delta), 0) FROM daily WHERE daily.day > day.day)
    )::bigint AS quantity_on_hand
FROM day
ORDER BY day.day
