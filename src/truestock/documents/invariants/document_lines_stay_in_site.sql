-- Places of documents and lines are in the document's sites; a place without a site is virtual.
SELECT d.document_id, l.line_number, p.code
FROM document AS d
JOIN document_line AS l USING (document_id)
JOIN location AS p ON p.location_id IN (l.source_location_id, l.target_location_id)
WHERE p.site_id IS NOT NULL
AND p.site_id IS DISTINCT FROM d.source_site_id
AND p.site_id IS DISTINCT FROM d.target_site_id
UNION ALL
SELECT d.document_id, NULL, p.code
FROM document AS d
JOIN location AS p ON p.location_id = d.source_location_id
WHERE p.site_id IS DISTINCT FROM d.source_site_id
UNION ALL
SELECT d.document_id, NULL, p.code
FROM document AS d
JOIN location AS p ON p.location_id = d.target_location_id
WHERE p.site_id IS DISTINCT FROM d.target_site_id
