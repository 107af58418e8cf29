DELETE FROM document_line WHERE document_id = $1
