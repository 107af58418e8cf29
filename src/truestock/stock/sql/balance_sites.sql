SELECT DISTINCT l.site_id
FROM balance AS b
JOIN location AS l USING (location_id)
WHERE b.balance_id = ANY ($1::bigint[])
