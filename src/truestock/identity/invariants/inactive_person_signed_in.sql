-- Nobody who was deactivated has an open session.
SELECT s.session_id, s.actor_id
FROM session s JOIN person p USING (actor_id)
WHERE p.status = 'inactive' AND s.ended_at IS NULL
