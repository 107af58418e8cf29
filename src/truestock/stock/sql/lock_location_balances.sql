SELECT balance_id
FROM balance
WHERE location_id = ANY ($1::bigint[])
ORDER BY balance_id
FOR NO KEY UPDATE
