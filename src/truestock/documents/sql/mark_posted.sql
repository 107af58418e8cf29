-- Nothing more is expected of a document that is posted.
WITH unexpected AS (DELETE FROM expected_line WHERE document_id = $1)
UPDATE document
SET
    state = 'posted',
    posted_by = $2,
    posted_at = $3,
    occurred_at = coalesce(occurred_at, $3),
    version = version + 1
WHERE document_id = $1
