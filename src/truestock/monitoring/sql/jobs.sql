SELECT
    j.job_id, j.name, j.state, j.arguments::text AS arguments, j.attempts,
    j.progress_done, j.progress_total, j.progress_message,
    j.result::text AS result, j.error, j.actor_id, a.name AS actor_name,
    j.permissions IS NULL AS scheduled,
    j.cancel_asked_at, j.recorded_at, j.started_at, j.finished_at, /*sort*/
FROM job j JOIN actor a USING (actor_id)
WHERE true
  AND j.state = :state --if state
  AND j.name = :name --if name
  AND j.actor_id = :actor_id --if actor_id
  AND (j.permissions IS NULL) = :scheduled --if scheduled
  /*after*/
/*order*/
