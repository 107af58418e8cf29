SELECT movement_id FROM movement WHERE document_id = $1 ORDER BY movement_id
