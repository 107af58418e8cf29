SELECT e.audit_event_id, e.occurred_at, e.actor_id, a.name AS actor_name, e.action, e.subject_kind,
       e.subject_id, e.before::text AS before, e.after::text AS after, e.address, e.request_id,
       /*sort*/
FROM audit_event e LEFT JOIN actor a USING (actor_id)
WHERE true
  AND e.actor_id = :actor_id --if actor_id
  AND e.action = :action --if action
  AND e.subject_kind = :subject_kind --if subject_kind
  AND e.subject_id = :subject_id --if subject_id
  AND e.request_id = :request_id --if request_id
  AND e.occurred_at >= :since --if since
  AND e.occurred_at < :until --if until
  /*after*/
/*order*/
