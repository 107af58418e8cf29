-- Why a document needs approval now, if it does, and what it is worth.
SELECT document_approval_why(document_id, type) AS why, document_values(document_id, type) AS values
FROM document
WHERE document_id = $1
