UPDATE document_type
SET
    four_eyes = $2,
    approval_needed = $3,
    version = version + 1
WHERE type = $1
