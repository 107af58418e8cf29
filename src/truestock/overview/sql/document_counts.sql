-- Documents at some sites (null: all): posted ones by the day they happened on, and every draft.
SELECT
    (
        SELECT count(*) FROM document
        WHERE state = 'draft'
        AND ($3::bigint[] IS NULL OR source_site_id = ANY ($3) OR target_site_id = ANY ($3))
    ) AS open_drafts,
    count(*) FILTER (WHERE coalesce(occurred_at, recorded_at) >= $1::timestamptz)
        AS documents_posted_today,
    count(*) FILTER (WHERE coalesce(occurred_at, recorded_at) < $1::timestamptz)
        AS documents_posted_yesterday
FROM document
WHERE state = 'posted'
AND coalesce(occurred_at, recorded_at) >= $2::timestamptz
AND ($3::bigint[] IS NULL OR source_site_id = ANY ($3) OR target_site_id = ANY ($3))
