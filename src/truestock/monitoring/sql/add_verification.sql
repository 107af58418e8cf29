INSERT INTO verification (recorded_at, seconds, rules, broken)
VALUES ($1, $2, $3, $4::text::jsonb)
RETURNING verification_id
