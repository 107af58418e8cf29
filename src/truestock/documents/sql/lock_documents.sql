SELECT
    d.document_id, d.type, d.number, d.state, d.version, d.created_by, d.changed_by,
    d.approved_by, d.source_site_id, d.target_site_id, d.reverses_id, d.reversed_by_id,
    t.four_eyes,
    t.four_eyes OR d.type = 'adjustment'
        OR EXISTS (SELECT FROM document_threshold AS h WHERE h.type = d.type) AS other_approver
FROM document AS d
JOIN document_type AS t USING (type)
WHERE d.document_id = ANY ($1::bigint[])
ORDER BY d.document_id
FOR NO KEY UPDATE OF d
