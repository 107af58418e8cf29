UPDATE role_request
SET status = $2, answered_by = $3, answered_at = $4, answer_note = $5
WHERE role_request_id = $1
