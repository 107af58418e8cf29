SELECT job_id, name
FROM job
WHERE
    state IN ('queued', 'running')
    AND coalesce(started_at, recorded_at) < $1::timestamptz - interval '1 minute'
    AND NOT EXISTS (SELECT FROM pgqueuer WHERE pgqueuer.id = job.queue_id)
ORDER BY job_id
FOR UPDATE SKIP LOCKED
LIMIT 100
