SELECT site_id, code, name, time_zone, address, status, version, recorded_at, changed_at
FROM site
WHERE site_id = ANY ($1::bigint[]) OR code = ANY ($2::text[])
