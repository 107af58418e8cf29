UPDATE balance
SET negative_allowed = $2
WHERE location_id = $1 AND negative_allowed <> $2
