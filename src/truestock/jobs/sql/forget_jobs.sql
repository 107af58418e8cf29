WITH forgotten AS (
    DELETE FROM job
    WHERE
        finished_at < $1::timestamptz - make_interval(days => $2)
        OR (
            state = 'done'
            AND permissions IS NULL
            AND finished_at < $1::timestamptz - make_interval(days => $3)
        )
    RETURNING 1
)
SELECT count(*) FROM forgotten
