INSERT INTO session (actor_id, token_hash, started_at, seen_at, expires_at, address, agent)
VALUES ($1, $2, $3, $3, $4, $5, $6)
RETURNING session_id
