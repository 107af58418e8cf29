-- One document with lines, movements, links and history, and the stamp of the facts it names: one
-- statement, so that everything is of one moment. An adjustment's line that names a place names
-- all it has; other lines fall back on the document's places, each side for itself. The columns
-- tell of everything that happened but changes; those are in the audit trail.
SELECT
    d.document_id, d.type, d.number, d.state, d.version, d.party_id, p.code AS party_code,
    p.name AS party_name, d.source_location_id, s.code AS source_location_code, d.source_site_id,
    d.target_location_id, g.code AS target_location_code, d.target_site_id, d.reference, d.note,
    d.reason_code, d.occurred_at, d.due_on, d.recorded_at, d.changed_at,
    d.created_by AS created_by_id, c.name AS created_by, d.changed_by AS changed_by_id,
    e.name AS changed_by, d.approved_by AS approved_by_id, a.name AS approved_by, d.approved_at,
    d.posted_by AS posted_by_id, w.name AS posted_by, d.posted_at,
    d.cancelled_by AS cancelled_by_id, x.name AS cancelled_by, d.cancelled_at, d.cancel_reason,
    k.four_eyes,
    k.four_eyes OR d.type = 'adjustment'
        OR EXISTS (SELECT FROM document_threshold AS h WHERE h.type = d.type) AS other_approver,
    CASE WHEN d.state = 'draft' THEN document_approval_why(d.document_id, d.type) END AS approval_why,
    CASE WHEN d.state = 'draft' THEN document_values(d.document_id, d.type) ELSE '[]' END AS values,
    o.document_id AS reverses_id, o.number AS reverses_number, o.state AS reverses_state,
    r.document_id AS reversed_by_id, r.number AS reversed_by_number, r.state AS reversed_by_state,
    (SELECT stamp FROM fact_stamp) AS stamp,
    coalesce((
        SELECT json_agg(json_build_object(
            'line_number', l.line_number, 'item_id', l.item_id, 'sku', i.sku, 'item_name', i.name,
            'quantity', trim_scale(l.quantity_entered), 'unit', l.unit,
            'quantity_base', l.quantity_base, 'base_unit', i.base_unit,
            'lot_code', l.lot_code, 'disposition', l.disposition,
            'unit_cost', trim_scale(l.unit_cost_minor),
            'source_location_id', ls.location_id, 'source_location_code', ls.code,
            'target_location_id', lt.location_id, 'target_location_code', lt.code
        ) ORDER BY l.line_number)
        FROM document_line AS l
        JOIN item AS i USING (item_id)
        CROSS JOIN LATERAL (
            SELECT d.type = 'adjustment'
                AND coalesce(l.source_location_id, l.target_location_id) IS NOT NULL AS complete
        ) AS own
        LEFT JOIN location AS ls ON ls.location_id
            = coalesce(l.source_location_id, CASE WHEN NOT own.complete THEN d.source_location_id END)
        LEFT JOIN location AS lt ON lt.location_id
            = coalesce(l.target_location_id, CASE WHEN NOT own.complete THEN d.target_location_id END)
        WHERE l.document_id = d.document_id
    ), '[]')::text AS lines,
    coalesce((
        SELECT json_agg(json_build_object(
            'movement_id', m.movement_id, 'kind', m.kind,
            'occurred_at', m.occurred_at, 'recorded_at', m.recorded_at,
            'reversed', EXISTS (SELECT 1 FROM movement AS u WHERE u.reverses_id = m.movement_id)
        ) ORDER BY m.movement_id)
        FROM movement AS m
        WHERE m.document_id = d.document_id
    ), '[]')::text AS movements,
    (
        SELECT json_agg(json_build_object(
            'event', e.event, 'at', e.at, 'actor_id', e.actor_id,
            'actor_name', coalesce(n.name, ''), 'note', e.note
        ) ORDER BY e.at, e.place)
        FROM (
            SELECT 1 AS place, 'created' AS event, d.recorded_at AS at, d.created_by AS actor_id, NULL AS note
            UNION ALL
            SELECT 2, 'changed', occurred_at, actor_id, NULL
            FROM audit_event
            WHERE subject_kind = 'document' AND subject_id = d.document_id
            AND action = 'document.changed'
            UNION ALL
            SELECT 3, 'approved', d.approved_at, d.approved_by, NULL WHERE d.approved_at IS NOT NULL
            UNION ALL
            SELECT 4, 'posted', d.posted_at, d.posted_by, NULL WHERE d.posted_at IS NOT NULL
            UNION ALL
            SELECT 5, 'cancelled', d.cancelled_at, d.cancelled_by, d.cancel_reason
            WHERE d.cancelled_at IS NOT NULL
            UNION ALL
            SELECT 6, 'reversed', r.posted_at, r.posted_by, r.number WHERE r.posted_at IS NOT NULL
        ) AS e
        LEFT JOIN actor AS n ON n.actor_id = e.actor_id
    )::text AS history
FROM document AS d
JOIN document_type AS k ON k.type = d.type
JOIN actor AS c ON c.actor_id = d.created_by
JOIN actor AS e ON e.actor_id = d.changed_by
LEFT JOIN actor AS a ON a.actor_id = d.approved_by
LEFT JOIN actor AS w ON w.actor_id = d.posted_by
LEFT JOIN actor AS x ON x.actor_id = d.cancelled_by
LEFT JOIN party AS p ON p.party_id = d.party_id
LEFT JOIN location AS s ON s.location_id = d.source_location_id
LEFT JOIN location AS g ON g.location_id = d.target_location_id
LEFT JOIN document AS o ON o.document_id = d.reverses_id
LEFT JOIN document AS r ON r.reverses_id = d.document_id AND r.state <> 'cancelled'
WHERE d.document_id = $1
