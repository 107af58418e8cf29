UPDATE api_key SET used_at = $2 WHERE actor_id = $1 AND (used_at IS NULL OR used_at < $2)
