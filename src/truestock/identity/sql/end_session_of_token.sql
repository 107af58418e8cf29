UPDATE session SET ended_at = $2 WHERE token_hash = $1 AND ended_at IS NULL
RETURNING session_id, actor_id
