SELECT
    r.import_id, r.kind, r.file_name, r.strict, r.state, r.rows_total, r.rows_accepted,
    r.rows_refused, r.counts::text AS counts, r.failure, r.job_id, r.actor_id,
    a.name AS actor_name, r.recorded_at, r.ended_at, /*sort*/
FROM import_run AS r
JOIN actor AS a USING (actor_id)
WHERE true
AND r.kind = :kind --if kind
AND r.state = :state --if state
AND r.actor_id = :actor_id --if actor_id
/*after*/
/*order*/
