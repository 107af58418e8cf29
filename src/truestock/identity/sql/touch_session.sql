UPDATE session SET seen_at = $2 WHERE session_id = $1 AND ended_at IS NULL AND seen_at < $2
