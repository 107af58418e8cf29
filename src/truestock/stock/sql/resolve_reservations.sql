-- A reservation leaves `pending` once: rows that are not pending are not counted.
UPDATE reservation
SET
    state = r.state,
    quantity_posted = r.quantity_posted,
    movement_id = r.movement_id,
    resolved_at = $5::timestamptz
FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[])
    AS r (reservation_id, state, quantity_posted, movement_id)
WHERE reservation.reservation_id = r.reservation_id AND reservation.state = 'pending'
