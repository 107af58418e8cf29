INSERT INTO reservation (
    reservation_id, balance_id, actor_id, request_key, quantity, priority, expires_at,
    document_id, note, recorded_at
)
SELECT r.*, $10::timestamptz
FROM unnest(
    $1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::smallint[],
    $7::timestamptz[], $8::bigint[], $9::text[]
) AS r
