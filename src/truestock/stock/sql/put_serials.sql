INSERT INTO serial_place (lot_id, balance_id)
SELECT * FROM unnest($1::bigint[], $2::bigint[])
ON CONFLICT ON CONSTRAINT serial_place_one_place DO UPDATE SET balance_id = excluded.balance_id
