INSERT INTO audit_event (occurred_at, actor_id, action, subject_kind, subject_id, before, after,
                         address, request_id)
VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7::text::jsonb, $8, $9)
