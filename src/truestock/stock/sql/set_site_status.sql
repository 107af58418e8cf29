UPDATE site
SET status = $2, version = version + 1, changed_at = now()
WHERE site_id = $1
