DELETE FROM document_threshold WHERE type = $1
