INSERT INTO notification (actor_id, kind, subject_id, facts)
SELECT actor_id, $2, $3, $4::jsonb
FROM actor
WHERE actor_id = ANY ($1::bigint[]) AND kind = 'person'
ORDER BY actor_id
