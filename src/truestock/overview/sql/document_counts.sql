-- Posted documents by the day they happened on; drafts are all that wait.
SELECT
    count(*) FILTER (WHERE state = 'draft') AS open_drafts,
    count(*) FILTER (
        WHERE state = 'posted' AND occurred_at >= $1::timestamptz
    ) AS documents_posted_today,
    count(*) FILTER (
        WHERE state = 'posted' AND occurred_at >= $2::timestamptz AND occurred_at < $1::timestamptz
    ) AS documents_posted_yesterday
FROM document
WHERE state = 'draft' OR occurred_at >= $2::timestamptz
