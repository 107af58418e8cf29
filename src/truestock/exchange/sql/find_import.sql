SELECT
    r.import_id, r.kind, r.file_name, r.content_hash, r.table_form::text AS table_form,
    r.mapping::text AS mapping, r.strict, r.state, r.rows_total, r.rows_accepted, r.rows_refused,
    r.position, r.counts::text AS counts, r.failure, r.job_id, r.actor_id,
    a.name AS actor_name, r.recorded_at, r.ended_at
FROM import_run AS r
JOIN actor AS a USING (actor_id)
WHERE r.import_id = $1
