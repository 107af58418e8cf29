UPDATE balance
SET negative_allowed = $2, version = version + 1
WHERE location_id = $1 AND negative_allowed <> $2
