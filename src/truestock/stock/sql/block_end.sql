-- The last id of the block that starts after $1 and ends at $2 at most: of at most $3 movements with
-- at most $4 lines together, and at least one movement. Null when there is no movement.
SELECT max(movement_id)
FROM (
    SELECT
        movement_id,
        sum(line_count) OVER chain AS line_count,
        row_number() OVER chain AS place
    FROM (
        SELECT movement_id, line_count
        FROM movement
        WHERE movement_id > $1 AND movement_id <= $2
        ORDER BY movement_id
        LIMIT $3
    ) AS next
    WINDOW chain AS (ORDER BY movement_id)
) AS running
WHERE line_count <= $4 OR place = 1
