SELECT role_request_id, actor_id, role, status FROM role_request
WHERE role_request_id = $1
FOR NO KEY UPDATE
