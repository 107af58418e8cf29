UPDATE notification
SET read_at = coalesce(read_at, now())
WHERE actor_id = $1 AND notification_id = $2
RETURNING true
