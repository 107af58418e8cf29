SELECT
    count(*) FILTER (WHERE state = 'draft') AS open_drafts,
    count(*) FILTER (WHERE posted_at >= $1::timestamptz) AS documents_posted_today,
    count(*) FILTER (
        WHERE posted_at >= $2::timestamptz AND posted_at < $1::timestamptz
    ) AS documents_posted_yesterday
FROM document
WHERE state = 'draft' OR posted_at >= $2::timestamptz
