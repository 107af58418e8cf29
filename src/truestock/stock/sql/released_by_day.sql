-- What promises with a time limit hold, by the first day on which all of it is free again. Held for
-- an open document it goes with that document instead.
SELECT
    least((r.expires_at AT TIME ZONE $3)::date, '9999-12-30') + 1 AS date,
    sum(r.quantity)::bigint AS quantity
FROM balance_shown AS b
JOIN reservation AS r USING (balance_id)
JOIN location AS l USING (location_id)
WHERE
    b.item_id = $1
    AND b.balance_id > 0
    AND b.disposition = 'available'
    AND l.sellable AND l.pickable AND l.status = 'active'
    AND site_within(b.site_id, $2::bigint[])
    AND r.state = 'pending'
    AND r.expires_at IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM expected_line AS e WHERE e.document_id = r.document_id AND e.item_id = b.item_id)
GROUP BY 1
ORDER BY 1
