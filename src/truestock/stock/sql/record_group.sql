-- Everything a group writes, set-based: keys with their answers, movements, lines, balances.
-- Keys go in sorted order so that twins in two processes wait for each other one way only.
WITH command AS (
    SELECT *
    FROM unnest(
        $1::text::bigint[], $2::text::text[], $3::text::bytea[], $4::text::bigint[],
        $5::text::text[], $6::text::timestamptz[], $7::text::smallint[],
        $8::text::bigint[], $9::text::bigint[], $10::text[], $11::text[], $12::text[]
    ) AS c (
        actor_id, request_key, payload_hash, movement_id, kind, occurred_at, line_count,
        document_id, reverses_id, answer, reason, note
    )
),
kept_request AS (
    INSERT INTO request (actor_id, request_key, payload_hash, movement_id, answer, recorded_at)
    SELECT actor_id, request_key, payload_hash, movement_id, answer::jsonb, $13::timestamptz
    FROM command
    ORDER BY actor_id, request_key
),
kept_movement AS (
    INSERT INTO movement (
        movement_id, actor_id, request_key, kind, occurred_at, recorded_at,
        line_count, document_id, reverses_id, reason, note
    )
    SELECT
        movement_id, actor_id, request_key, kind, coalesce(occurred_at, $13::timestamptz),
        $13::timestamptz, line_count, document_id, reverses_id,
        coalesce(reason, ''), coalesce(note, '')
    FROM command
    WHERE kind IS NOT NULL
),
kept_line AS (
    INSERT INTO movement_line (
        movement_id, line_number, source_balance_id, target_balance_id, quantity,
        source_quantity_after, target_quantity_after, unit_entered, quantity_entered, unit_cost_minor
    )
    SELECT *
    FROM unnest(
        $14::text::bigint[], $15::text::smallint[], $16::text::bigint[], $17::text::bigint[],
        $18::text::bigint[], $19::text::bigint[], $20::text::bigint[],
        $21::text[], $22::text::numeric[], $23::text::numeric[]
    )
),
changed AS (
    UPDATE balance
    SET
        quantity_on_hand = c.on_hand_after,
        quantity_reserved = c.reserved_after
    FROM unnest(
        $24::text::bigint[], $25::text::bigint[], $26::text::bigint[], $27::text::bigint[]
    )
        AS c (balance_id, on_hand_before, on_hand_after, reserved_after)
    WHERE balance.balance_id = c.balance_id AND balance.quantity_on_hand = c.on_hand_before
    RETURNING 1
)
SELECT count(*) FROM changed
