SELECT
    l.location_id, l.site_id, s.code AS site_code, l.parent_id, l.code, l.name, l.kind,
    l.physical, l.path, l.pickable, l.sellable, l.receiving, l.negative_allowed, l.capacity,
    l.status, l.version, l.changed_at,
    EXISTS (SELECT 1 FROM location AS c WHERE c.parent_id = l.location_id) AS has_children,
    /*sort*/
FROM location AS l
LEFT JOIN site AS s ON s.site_id = l.site_id
WHERE true
AND (l.site_id IS NULL OR l.site_id = ANY (:site_ids::bigint[])) --if site_ids
AND l.site_id = :site_id --if site_id
AND l.kind = :kind --if kind
AND l.status = :status --if status
AND l.physical = :physical --if physical
AND l.parent_id = :parent_id --if parent_id
AND l.parent_id IS NULL AND :top_only::boolean --if top_only
AND (l.code ILIKE :pattern OR l.name ILIKE :pattern) --if pattern
/*after*/
/*order*/
