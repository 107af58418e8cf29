INSERT INTO api_key (actor_id, prefix, secret_hash, scopes, site_ids, created_by, created_at,
                     expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
