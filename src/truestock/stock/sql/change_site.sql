UPDATE site
SET code = $2,
    name = $3,
    time_zone = $4,
    address = $5,
    version = version + 1,
    changed_at = now()
WHERE site_id = $1
