INSERT INTO saved_view (actor_id, page, name, query, shared)
VALUES ($1, $2, $3, $4, $5)
RETURNING view_id
