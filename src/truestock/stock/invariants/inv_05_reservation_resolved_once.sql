-- INV-5 A reservation is resolved at most once; a posted one names a movement out of its balance.
SELECT r.reservation_id, r.state, r.quantity_posted, r.movement_id
FROM reservation AS r
WHERE r.state = 'posted' AND r.quantity_posted <> (
    SELECT coalesce(sum(l.quantity), 0)
    FROM movement_line AS l
    WHERE l.movement_id = r.movement_id AND l.source_balance_id = r.balance_id
)
