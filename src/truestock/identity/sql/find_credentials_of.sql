SELECT p.actor_id, a.name, p.login, p.email, p.password_hash
FROM person p JOIN actor a USING (actor_id)
WHERE p.actor_id = $1 AND p.status = 'active'
