UPDATE document
SET reversed_by_id = $2, version = version + 1
WHERE document_id = $1
