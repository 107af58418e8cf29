SELECT r.role_request_id, r.actor_id, a.name, r.role, r.reason, r.status, r.asked_at, r.answered_by,
       r.answered_at, r.answer_note
FROM role_request r JOIN actor a USING (actor_id)
WHERE r.role_request_id = $1
