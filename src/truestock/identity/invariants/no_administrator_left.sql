-- Where there ever was an administrator, one is active.
SELECT count(*) AS people
FROM person
HAVING count(*) FILTER (WHERE 'admin' = ANY (roles)) > 0
   AND count(*) FILTER (WHERE 'admin' = ANY (roles) AND status = 'active' AND site_ids IS NULL) = 0
