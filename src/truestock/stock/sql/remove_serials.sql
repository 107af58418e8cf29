DELETE FROM serial_place WHERE lot_id = ANY ($1::bigint[])
