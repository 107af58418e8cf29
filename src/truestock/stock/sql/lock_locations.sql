-- Against new balances and other changes; a document that only names a location does not wait.
SELECT location_id
FROM location
WHERE location_id = ANY ($1::bigint[])
ORDER BY location_id
FOR NO KEY UPDATE
