-- What these drafts will bring and take, until they are posted or cancelled.
INSERT INTO expected_line (
    document_id, line_number, number, kind, item_id, source_site_id, target_site_id, disposition,
    quantity, due_on
)
SELECT
    document_id, line_number, number, kind, item_id, source_site_id, target_site_id, disposition,
    quantity, due_on
FROM document_expected
WHERE document_id = ANY ($1::bigint[])
