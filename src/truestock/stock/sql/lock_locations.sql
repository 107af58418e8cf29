SELECT location_id
FROM location
WHERE location_id = ANY ($1::bigint[])
ORDER BY location_id
FOR UPDATE
