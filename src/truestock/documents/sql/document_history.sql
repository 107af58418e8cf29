-- The document's own columns tell of everything but its changes; those are in the audit trail.
SELECT e.event, e.at, e.actor_id, coalesce(a.name, '') AS actor_name, e.note
FROM (
    SELECT 1 AS place, 'created' AS event, recorded_at AS at, created_by AS actor_id, NULL AS note
    FROM document WHERE document_id = $1
    UNION ALL
    SELECT 2, 'changed', occurred_at, actor_id, NULL
    FROM audit_event
    WHERE subject_kind = 'document' AND subject_id = $1 AND action = 'document.changed'
    UNION ALL
    SELECT 3, 'approved', approved_at, approved_by, NULL
    FROM document WHERE document_id = $1 AND approved_at IS NOT NULL
    UNION ALL
    SELECT 4, 'posted', posted_at, posted_by, NULL
    FROM document WHERE document_id = $1 AND posted_at IS NOT NULL
    UNION ALL
    SELECT 5, 'cancelled', cancelled_at, cancelled_by, cancel_reason
    FROM document WHERE document_id = $1 AND cancelled_at IS NOT NULL
    UNION ALL
    SELECT 6, 'reversed', posted_at, posted_by, number
    FROM document WHERE reverses_id = $1 AND state = 'posted'
) AS e
LEFT JOIN actor AS a ON a.actor_id = e.actor_id
ORDER BY e.at, e.place
