-- Nothing more is expected of a document that is cancelled.
WITH unexpected AS (DELETE FROM expected_line WHERE document_id = $1)
UPDATE document
SET
    state = 'cancelled',
    cancelled_by = $2,
    cancelled_at = now(),
    cancel_reason = $3,
    version = version + 1
WHERE document_id = $1
