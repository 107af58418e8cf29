SELECT p.actor_id, a.name, p.login, p.email, p.roles, p.site_ids, p.status, p.password_temporary,
       p.signed_in_at, p.version, /*sort*/
FROM person p JOIN actor a USING (actor_id)
WHERE true
  AND p.status = :status --if status
  AND :role = ANY (p.roles) --if role
  AND (strpos(p.login, lower(:search)) > 0 OR strpos(lower(a.name), lower(:search)) > 0) --if search
  /*after*/
/*order*/
