UPDATE notification
SET read_at = now()
WHERE kind = $1 AND subject_id = $2 AND read_at IS NULL
