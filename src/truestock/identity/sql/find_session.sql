SELECT s.session_id, s.token_hash, s.seen_at, s.expires_at, p.actor_id, a.name, p.roles,
       p.site_ids, p.password_temporary
FROM session s JOIN person p USING (actor_id) JOIN actor a USING (actor_id)
WHERE s.token_hash = $1 AND s.ended_at IS NULL AND p.status = 'active'
