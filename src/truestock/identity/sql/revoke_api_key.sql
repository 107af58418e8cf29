UPDATE api_key SET revoked_at = $2, version = version + 1 WHERE actor_id = $1
RETURNING version
