SELECT n.notification_id, n.kind, n.subject_id, n.facts::text AS facts, n.recorded_at, n.read_at, /*sort*/
FROM notification AS n
WHERE n.actor_id = :actor_id
AND (n.read_at IS NULL) = :unread --if unread
/*after*/
/*order*/
