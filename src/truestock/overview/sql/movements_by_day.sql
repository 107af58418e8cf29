-- Movements that happened on each of the last days, the quiet ones too.
SELECT d.day::date AS day, count(m.movement_id) AS movement_count
FROM generate_series($1::timestamptz, $2::timestamptz, interval '1 day') AS d (day)
LEFT JOIN movement AS m
    ON m.occurred_at >= d.day AND m.occurred_at < d.day + interval '1 day'
GROUP BY d.day
ORDER BY d.day
