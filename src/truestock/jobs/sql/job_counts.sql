SELECT state, count(*) AS count
FROM job
WHERE state IN ('queued', 'running', 'failed') OR finished_at > now() - interval '1 day'
GROUP BY state
