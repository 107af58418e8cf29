-- Lines of open documents that change what may be promised at the sites asked for; null: all. What
-- goes is above what is reserved for the same document: that is held already.
SELECT
    e.document_id, e.number, e.kind, e.due_on,
    CASE
        WHEN site_within(e.target_site_id, $2::bigint[]) THEN e.quantity
        ELSE least(0, r.quantity - e.quantity)
    END::bigint AS quantity
FROM expected_line AS e
CROSS JOIN LATERAL (
    SELECT coalesce(sum(reservation.quantity), 0) AS quantity
    FROM reservation
    JOIN balance USING (balance_id)
    WHERE
        reservation.document_id = e.document_id
        AND reservation.state = 'pending'
        AND balance.item_id = e.item_id
) AS r
WHERE
    e.item_id = $1
    AND e.disposition = 'available'
    AND site_within(e.source_site_id, $2::bigint[]) <> site_within(e.target_site_id, $2::bigint[])
ORDER BY e.due_on NULLS LAST, e.document_id, e.line_number
