SELECT type, prefix, four_eyes, approval_needed, approval_above_minor, version
FROM document_type
WHERE type = $1
FOR NO KEY UPDATE
