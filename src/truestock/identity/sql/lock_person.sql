SELECT p.actor_id, a.name, p.login, p.email, p.roles, p.site_ids, p.status, p.password_temporary,
       p.signed_in_at, p.version
FROM person p JOIN actor a USING (actor_id)
WHERE p.actor_id = $1
FOR NO KEY UPDATE OF p
