SELECT reservation_id, balance_id
FROM reservation
WHERE reservation_id = ANY ($1::bigint[])
