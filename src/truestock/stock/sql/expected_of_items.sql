-- What open documents bring to the sites asked for from outside of them, and take out; null: all.
SELECT
    item_id,
    coalesce(sum(quantity) FILTER (WHERE inwards AND NOT outwards), 0)::bigint AS quantity_incoming,
    coalesce(sum(quantity) FILTER (WHERE outwards AND NOT inwards), 0)::bigint AS quantity_outgoing
FROM (
    SELECT
        item_id, quantity, site_within(source_site_id, $2::bigint[]) AS outwards,
        site_within(target_site_id, $2::bigint[]) AS inwards
    FROM expected_line
    WHERE item_id = ANY ($1::bigint[])
) AS e
GROUP BY item_id
