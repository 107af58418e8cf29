DELETE FROM site
WHERE site_id = $1
