SELECT
    l.location_id, l.site_id, s.code AS site_code, l.parent_id, p.code AS parent_code, l.code,
    l.name, l.kind, l.physical, l.path, l.pickable, l.sellable, l.receiving, l.negative_allowed,
    l.capacity, l.status, l.version, l.recorded_at, l.changed_at
FROM location AS l
LEFT JOIN site AS s ON s.site_id = l.site_id
LEFT JOIN location AS p ON p.location_id = l.parent_id
WHERE l.location_id = ANY ($1::bigint[]) OR l.code = ANY ($2::text[])
