-- INV-7 A movement's lines commit together: none missing, none without a movement.
SELECT coalesce(m.movement_id, l.movement_id) AS movement_id, m.line_count, l.line_count AS lines_found
FROM movement AS m
FULL JOIN (
    SELECT movement_id, count(*) AS line_count, max(line_number) AS line_number_max
    FROM movement_line GROUP BY movement_id
) AS l USING (movement_id)
WHERE m.line_count IS DISTINCT FROM l.line_count OR l.line_count <> l.line_number_max
