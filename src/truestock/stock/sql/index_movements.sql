-- Enter the movements above $1 up to $2 into the coarse index: which locations and sites each block
-- of 100 ids touches, how many movements happened on which day at which sites.
WITH side AS MATERIALIZED (
    SELECT DISTINCT l.movement_id, p.location_id, p.site_id
    FROM movement_line AS l
    CROSS JOIN LATERAL (VALUES (l.source_balance_id), (l.target_balance_id)) AS v (balance_id)
    JOIN balance AS b ON b.balance_id = v.balance_id
    JOIN location AS p USING (location_id)
    WHERE l.movement_id > $1 AND l.movement_id <= $2
),
located AS (
    INSERT INTO movement_block_location (location_id, block)
    SELECT DISTINCT location_id, movement_id / 100 FROM side
    ON CONFLICT ON CONSTRAINT movement_block_location_pk DO NOTHING
),
sited AS (
    INSERT INTO movement_block AS k (block, site_ids)
    SELECT movement_id / 100,
        coalesce(array_agg(DISTINCT site_id) FILTER (WHERE site_id IS NOT NULL), '{}')
    FROM side
    GROUP BY movement_id / 100
    ON CONFLICT ON CONSTRAINT movement_block_pk DO UPDATE SET site_ids = ARRAY(
        SELECT DISTINCT site_id FROM unnest(k.site_ids || excluded.site_ids) AS site_id ORDER BY 1)
),
counted AS (
    INSERT INTO movement_day AS k (day, site_ids, movement_count)
    SELECT (m.occurred_at AT TIME ZONE 'UTC')::date, s.site_ids, count(*)
    FROM (
        SELECT movement_id,
            coalesce(
                array_agg(DISTINCT site_id ORDER BY site_id) FILTER (WHERE site_id IS NOT NULL), '{}'
            ) AS site_ids
        FROM side
        GROUP BY movement_id
    ) AS s
    JOIN movement AS m USING (movement_id)
    GROUP BY 1, 2
    ON CONFLICT ON CONSTRAINT movement_day_pk
    DO UPDATE SET movement_count = k.movement_count + excluded.movement_count
)
UPDATE movement_index SET movement_id = $2
