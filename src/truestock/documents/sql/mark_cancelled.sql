UPDATE document
SET
    state = 'cancelled',
    cancelled_by = $2,
    cancelled_at = now(),
    cancel_reason = $3,
    version = version + 1
WHERE document_id = $1
