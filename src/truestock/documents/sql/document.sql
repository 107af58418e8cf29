-- One document without its lines. The stamp of facts is that of the codes read here.
SELECT
    d.document_id, d.type, d.number, d.state, d.version, d.party_id, p.code AS party_code,
    p.name AS party_name, d.source_location_id, s.code AS source_location_code, d.source_site_id,
    d.target_location_id, g.code AS target_location_code, d.target_site_id, d.reference, d.note,
    d.reason_code, d.occurred_at, d.recorded_at, d.changed_at, d.created_by AS created_by_id,
    c.name AS created_by, d.approved_by AS approved_by_id, a.name AS approved_by, d.approved_at,
    d.posted_by AS posted_by_id, w.name AS posted_by, d.posted_at,
    d.cancelled_by AS cancelled_by_id, x.name AS cancelled_by, d.cancelled_at, d.cancel_reason,
    t.approval_needed, t.four_eyes,
    o.document_id AS reverses_id, o.number AS reverses_number, o.state AS reverses_state,
    r.document_id AS reversed_by_id, r.number AS reversed_by_number, r.state AS reversed_by_state,
    (SELECT stamp FROM fact_stamp) AS stamp
FROM document AS d
JOIN document_type AS t ON t.type = d.type
JOIN actor AS c ON c.actor_id = d.created_by
LEFT JOIN actor AS a ON a.actor_id = d.approved_by
LEFT JOIN actor AS w ON w.actor_id = d.posted_by
LEFT JOIN actor AS x ON x.actor_id = d.cancelled_by
LEFT JOIN party AS p ON p.party_id = d.party_id
LEFT JOIN location AS s ON s.location_id = d.source_location_id
LEFT JOIN location AS g ON g.location_id = d.target_location_id
LEFT JOIN document AS o ON o.document_id = d.reverses_id
LEFT JOIN document AS r ON r.reverses_id = d.document_id AND r.state <> 'cancelled'
WHERE d.document_id = $1
