SELECT
    (SELECT min(recorded_at) FROM job WHERE state = 'queued') AS oldest_queued_at,
    (SELECT max(finished_at) FROM job WHERE name = 'jobs.tidy' AND state = 'done')
        AS worker_seen_at,
    (
        SELECT count(*) FROM job
        WHERE state = 'failed' AND finished_at > now() - interval '1 day'
    ) AS failed_last_day
