-- Serials in key order, locked before any balance; their places come with `group_facts`.
SELECT lot_id
FROM lot
WHERE lot_id = ANY ($1::bigint[])
ORDER BY lot_id
FOR NO KEY UPDATE
