-- Pending reservations whose time is over by the database's clock, the longest overdue first.
SELECT reservation_id
FROM reservation
WHERE state = 'pending' AND expires_at <= clock_timestamp()
ORDER BY expires_at, reservation_id
LIMIT $1
