-- Movements at some sites (null: all) that happened on each of the last days, the quiet ones too:
-- as counted in the coarse index of the ledger, and those that are not in it yet.
SELECT d.day, coalesce(k.movement_count, 0) + coalesce(n.movement_count, 0) AS movement_count
FROM (
    SELECT generate_series($1::timestamptz, $2::timestamptz, interval '1 day')::date AS day
) AS d
LEFT JOIN (
    SELECT day, sum(movement_count)::bigint AS movement_count
    FROM movement_day
    WHERE day >= ($1::timestamptz AT TIME ZONE 'UTC')::date
    AND ($3::bigint[] IS NULL OR site_ids && $3)
    GROUP BY day
) AS k USING (day)
LEFT JOIN (
    SELECT (m.occurred_at AT TIME ZONE 'UTC')::date AS day, count(*) AS movement_count
    FROM movement AS m
    WHERE m.movement_id > (SELECT i.movement_id FROM movement_index AS i)
    AND m.occurred_at >= $1::timestamptz
    AND ($3::bigint[] IS NULL OR EXISTS (
        SELECT FROM movement_line AS l
        JOIN balance AS b ON b.balance_id IN (l.source_balance_id, l.target_balance_id)
        JOIN location AS p USING (location_id)
        WHERE l.movement_id = m.movement_id AND p.site_id = ANY ($3)))
    GROUP BY 1
) AS n USING (day)
ORDER BY d.day
