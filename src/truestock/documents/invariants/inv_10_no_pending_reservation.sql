-- INV-10 A posted document has no pending reservation.
SELECT d.document_id, d.number, r.reservation_id
FROM reservation AS r
JOIN document AS d USING (document_id)
WHERE r.state = 'pending' AND d.state = 'posted'
