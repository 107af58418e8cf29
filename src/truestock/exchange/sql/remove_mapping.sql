DELETE FROM import_mapping
WHERE kind = $1 AND name = $2
RETURNING 1
