-- The attempt is counted before the password is looked at, so that many at once gain nothing.
-- $3 is when the count starts anew; $4 the failures that lock. A lock is not made longer by trying.
INSERT INTO sign_in_attempt AS known (login_hash, failures, last_at)
VALUES ($1, 1, $2)
ON CONFLICT ON CONSTRAINT sign_in_attempt_pk DO UPDATE SET
    failures = CASE WHEN known.last_at <= $3 THEN 1 ELSE least(known.failures + 1, $4 + 1) END,
    last_at = CASE WHEN known.last_at > $3 AND known.failures >= $4 THEN known.last_at ELSE $2 END
RETURNING failures, last_at
