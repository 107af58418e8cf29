-- Everything a group writes, set-based. First the balances, in key order, each only if it is as
-- believed; `confirm_group` undoes all if one is not. Only then ids and the moment are taken, so
-- that movements on one balance are numbered in the order of its locks. Keys go in sorted order:
-- twins in two processes wait for each other one way only. The first requests are the movements.
WITH changed AS (
    UPDATE balance
    SET
        quantity_on_hand = c.on_hand_after,
        quantity_reserved = c.reserved_after,
        version = c.version + 1
    FROM unnest(
        $1::text::bigint[], $2::text::bigint[], $3::text::bigint[], $4::text::bigint[], $5::text::bigint[]
    ) AS c (balance_id, version, on_hand_before, on_hand_after, reserved_after)
    WHERE balance.balance_id = c.balance_id
      AND balance.version = c.version
      AND balance.quantity_on_hand = c.on_hand_before
    RETURNING 1
),
given AS MATERIALIZED (
    SELECT
        ARRAY(
            SELECT nextval('movement_id_seq')
            FROM generate_series(
                1, CASE WHEN confirm_group(c.changed, $6::bigint, $7::bigint) THEN $8::integer END)
        ) AS movement_ids,
        coalesce($9::timestamptz, clock_timestamp()) AS recorded_at
    FROM (SELECT count(*) AS changed FROM changed) AS c
),
kept_request AS (
    INSERT INTO request (
        actor_id, request_key, payload_hash, movement_id, answer, recorded_at, kind,
        occurred_at, line_count, document_id, reverses_id, reason, note
    )
    SELECT
        actor_id, request_key, payload_hash, (SELECT movement_ids FROM given)[place],
        answer::jsonb, (SELECT recorded_at FROM given), kind,
        CASE WHEN kind IS NOT NULL THEN coalesce(occurred_at, (SELECT recorded_at FROM given)) END,
        CASE WHEN kind IS NOT NULL THEN coalesce(line_count, 1) END,
        document_id, reverses_id, coalesce(reason, ''), coalesce(note, '')
    FROM unnest(
        $10::text::bigint[], $11::text::text[], $12::text::bytea[], $13::text::text[],
        $14::text::timestamptz[], $15::text::smallint[], $16::text::bigint[], $17::text::bigint[],
        $18::text[], $19::text[], $20::text[]
    ) WITH ORDINALITY AS c (
        actor_id, request_key, payload_hash, kind, occurred_at, line_count, document_id,
        reverses_id, answer, reason, note, place
    )
    ORDER BY actor_id, request_key
),
kept_line AS (
    INSERT INTO movement_line (
        movement_id, line_number, source_balance_id, target_balance_id, quantity,
        source_quantity_after, target_quantity_after, unit_entered, quantity_entered, unit_cost_minor
    )
    SELECT
        (SELECT movement_ids FROM given)[coalesce(movement_place, place)], coalesce(line_number, 1),
        source_balance_id, target_balance_id, quantity, source_quantity_after,
        target_quantity_after, unit_entered, quantity_entered, unit_cost_minor
    FROM unnest(
        $21::text::integer[], $22::text::smallint[], $23::text::bigint[], $24::text::bigint[],
        $25::text::bigint[], $26::text::bigint[], $27::text::bigint[], $28::text[],
        $29::text::numeric[], $30::text::numeric[]
    ) WITH ORDINALITY AS l (
        movement_place, line_number, source_balance_id, target_balance_id, quantity,
        source_quantity_after, target_quantity_after, unit_entered, quantity_entered,
        unit_cost_minor, place
    )
)
SELECT movement_ids, recorded_at FROM given
