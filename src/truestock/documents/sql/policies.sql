SELECT t.type, t.prefix, t.four_eyes, t.approval_needed, h.thresholds, t.version
FROM document_type AS t
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object(
        'currency', currency, 'value_minor', value_minor) ORDER BY currency), '[]')::text AS thresholds
    FROM document_threshold
    WHERE document_threshold.type = t.type
) AS h
WHERE t.type = ANY ($1::text[])
ORDER BY t.type
