SELECT type, prefix, four_eyes, approval_needed, approval_above_minor, version
FROM document_type
WHERE type = ANY ($1::text[])
ORDER BY type
