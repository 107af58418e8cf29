SELECT p.actor_id, a.name, p.login, p.email, p.password_hash, p.password_temporary, p.roles,
       p.site_ids, p.status
FROM person p JOIN actor a USING (actor_id)
WHERE p.login = $1
