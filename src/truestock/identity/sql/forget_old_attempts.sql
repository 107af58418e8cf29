DELETE FROM sign_in_attempt
WHERE login_hash IN (
    SELECT login_hash FROM sign_in_attempt
    WHERE last_at < $1
    LIMIT 100
    FOR UPDATE SKIP LOCKED)
