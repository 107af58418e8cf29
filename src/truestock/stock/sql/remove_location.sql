DELETE FROM location
WHERE location_id = $1
