-- The path of every location is the path of what it lies in and its own code.
SELECT l.location_id, l.code, l.path, s.code AS site, p.path AS parent_path
FROM location AS l
LEFT JOIN site AS s ON s.site_id = l.site_id
LEFT JOIN location AS p ON p.location_id = l.parent_id
WHERE l.path <> coalesce(p.path, '/' || s.code, '/~') || '/' || l.code
