SELECT v.view_id, v.page, v.name, v.query, v.shared, a.name AS owner_name, v.actor_id = $1 AS own
FROM saved_view AS v
JOIN actor AS a USING (actor_id)
WHERE (v.actor_id = $1 OR v.shared) AND ($2::text IS NULL OR v.page = $2)
ORDER BY v.page, v.name, v.view_id
LIMIT 500
