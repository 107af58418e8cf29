-- What open documents bring to each of the sites asked for, and take from it; null: all.
SELECT
    s.site_id, s.code AS site_code,
    coalesce(sum(e.quantity) FILTER (WHERE e.target_site_id = s.site_id), 0)::bigint
        AS quantity_incoming,
    coalesce(sum(e.quantity) FILTER (WHERE e.source_site_id = s.site_id), 0)::bigint
        AS quantity_outgoing
FROM expected_line AS e
JOIN site AS s ON s.site_id IN (e.source_site_id, e.target_site_id)
WHERE
    e.item_id = $1
    AND e.source_site_id IS DISTINCT FROM e.target_site_id
    AND site_within(s.site_id, $2::bigint[])
GROUP BY s.site_id, s.code
