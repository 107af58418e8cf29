-- The lines of a draft, and with them what was expected of it.
WITH unexpected AS (DELETE FROM expected_line WHERE document_id = $1)
DELETE FROM document_line WHERE document_id = $1
