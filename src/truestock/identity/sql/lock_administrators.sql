-- In key order, so that two who demote each other meet instead of crossing.
SELECT actor_id FROM person
WHERE 'admin' = ANY (roles) AND status = 'active' AND site_ids IS NULL
ORDER BY actor_id
FOR NO KEY UPDATE
