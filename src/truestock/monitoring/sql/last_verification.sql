SELECT recorded_at, seconds, rules, broken::text AS broken
FROM verification
ORDER BY recorded_at DESC
LIMIT 1
