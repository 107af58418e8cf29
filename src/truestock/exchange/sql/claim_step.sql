-- Whoever raises the position does this step; another one finds no row and leaves.
UPDATE import_run
SET position = position + 1
WHERE import_id = $1 AND position = $2 AND state = 'applying'
RETURNING counts::text
