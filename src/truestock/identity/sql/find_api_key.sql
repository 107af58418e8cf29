SELECT k.actor_id, a.name, k.secret_hash, k.previous_secret_hash, k.previous_valid_until,
       k.scopes, k.site_ids, k.expires_at, k.used_at
FROM api_key k JOIN actor a USING (actor_id)
WHERE k.prefix = $1 AND k.revoked_at IS NULL AND k.expires_at > $2
