SELECT
    r.reservation_id, r.state, r.quantity, r.quantity_posted, r.priority, r.expires_at,
    r.balance_id, i.item_id, i.sku, i.name AS item_name, s.code AS site_code,
    l.location_id, l.code AS location_code, lot.code AS lot_code,
    r.actor_id, a.name AS actor_name, r.request_key, r.document_id, r.movement_id, r.note,
    r.recorded_at, r.resolved_at, l.site_id
FROM reservation AS r
JOIN balance AS b USING (balance_id)
JOIN item AS i USING (item_id)
JOIN location AS l USING (location_id)
LEFT JOIN site AS s ON s.site_id = l.site_id
LEFT JOIN lot ON lot.lot_id = b.lot_id
LEFT JOIN actor AS a ON a.actor_id = r.actor_id
WHERE r.reservation_id = ANY ($1::bigint[])
