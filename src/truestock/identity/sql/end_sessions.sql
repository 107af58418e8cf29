-- $3 is the one session to leave open, or null.
WITH ended AS (
    UPDATE session SET ended_at = $2
    WHERE actor_id = $1 AND ended_at IS NULL AND session_id IS DISTINCT FROM $3
    RETURNING 1)
SELECT count(*) FROM ended
