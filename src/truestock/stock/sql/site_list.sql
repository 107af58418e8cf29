SELECT
    s.site_id, s.code, s.name, s.time_zone, s.address, s.status, s.version, s.changed_at, l.location_count,
    /*sort*/
FROM site AS s
CROSS JOIN LATERAL (
    SELECT count(*) AS location_count FROM location WHERE location.site_id = s.site_id
) AS l
WHERE true
AND s.site_id = ANY (:site_ids::bigint[]) --if site_ids
AND s.status = :status --if status
AND (s.code ILIKE :pattern OR s.name ILIKE :pattern) --if pattern
/*after*/
/*order*/
