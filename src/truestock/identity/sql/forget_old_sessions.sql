WITH gone AS (
    DELETE FROM session
    WHERE session_id IN (
        SELECT session_id FROM session
        WHERE coalesce(ended_at, expires_at) < $1
        ORDER BY session_id
        LIMIT 1000
        FOR UPDATE SKIP LOCKED)
    RETURNING 1)
SELECT count(*) FROM gone
