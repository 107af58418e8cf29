UPDATE api_key
SET previous_secret_hash = secret_hash, previous_valid_until = $3, secret_hash = $2,
    expires_at = $4, version = version + 1
WHERE actor_id = $1
RETURNING version
