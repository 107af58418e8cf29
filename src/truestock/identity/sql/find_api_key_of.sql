SELECT k.actor_id, a.name, k.prefix, k.scopes, k.site_ids, k.created_by, k.created_at, k.expires_at,
       k.used_at, k.revoked_at, k.previous_valid_until, k.version
FROM api_key k JOIN actor a USING (actor_id)
WHERE k.actor_id = $1
