UPDATE location
SET status = $2, version = version + 1, changed_at = now()
WHERE location_id = ANY ($1::bigint[]) AND status <> $2
