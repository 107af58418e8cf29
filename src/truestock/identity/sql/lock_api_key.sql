SELECT k.actor_id, a.name, k.prefix, k.secret_hash, k.scopes, k.site_ids, k.expires_at,
       k.revoked_at, k.version
FROM api_key k JOIN actor a USING (actor_id)
WHERE k.actor_id = $1
FOR NO KEY UPDATE OF k
