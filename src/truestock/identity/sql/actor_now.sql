-- Who somebody is now; of persons and keys only while they may still come in.
SELECT a.actor_id, a.kind, a.name, p.roles, k.scopes, coalesce(p.site_ids, k.site_ids) AS site_ids
FROM actor AS a
LEFT JOIN person AS p USING (actor_id)
LEFT JOIN api_key AS k USING (actor_id)
WHERE a.actor_id = $1
AND CASE a.kind
    WHEN 'person' THEN p.status = 'active'
    WHEN 'key' THEN k.revoked_at IS NULL AND k.expires_at > $2
    ELSE true
END
