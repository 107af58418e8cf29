UPDATE document
SET
    state = 'posted',
    posted_by = $2,
    posted_at = $3,
    occurred_at = coalesce(occurred_at, $3),
    version = version + 1
WHERE document_id = $1
