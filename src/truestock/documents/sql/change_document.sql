-- A change takes back an approval: what was approved is not what stands here now.
UPDATE document
SET
    party_id = $2,
    source_location_id = $3,
    source_site_id = $4,
    target_location_id = $5,
    target_site_id = $6,
    reference = $7,
    note = $8,
    reason_code = $9,
    occurred_at = $10,
    due_on = $11,
    changed_by = $12,
    changed_at = now(),
    approved_by = NULL,
    approved_at = NULL,
    version = version + 1
WHERE document_id = $1
