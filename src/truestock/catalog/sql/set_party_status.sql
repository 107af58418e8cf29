UPDATE party
SET status = $2, version = version + 1, changed_at = clock_timestamp()
WHERE party_id = $1
