UPDATE party
SET status = $2, version = version + 1, changed_at = now()
WHERE party_id = $1
