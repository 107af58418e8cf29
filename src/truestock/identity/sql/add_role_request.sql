INSERT INTO role_request (actor_id, role, reason, asked_at)
VALUES ($1, $2, $3, $4)
RETURNING role_request_id
