UPDATE document
SET approved_by = $2, approved_at = now(), version = version + 1
WHERE document_id = $1
