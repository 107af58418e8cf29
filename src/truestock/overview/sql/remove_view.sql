DELETE FROM saved_view
WHERE view_id = $1 AND actor_id = $2
RETURNING view_id
