-- All a group needs to know once its balances are locked, in one round trip and one snapshot:
-- keys answered before, ids of new reservations, the stamp of cached facts, reservations, reversals, serials.
SELECT
    clock_timestamp() AS now,
    (SELECT stamp FROM fact_stamp) AS stamp,
    (SELECT array_agg(nextval('reservation_id_seq')) FROM generate_series(1, $3::integer)) AS reservation_ids,
    (
        SELECT jsonb_agg(jsonb_build_array(
            k.place, encode(r.payload_hash, 'hex'), r.movement_id, r.answer))
        FROM unnest($1::text::bigint[], $2::text::text[]) WITH ORDINALITY AS k (actor_id, request_key, place)
        CROSS JOIN LATERAL (
            SELECT payload_hash, movement_id, answer
            FROM request
            WHERE request.actor_id = k.actor_id AND request.request_key = k.request_key
            OFFSET 0
        ) AS r
    )::text AS answered,
    (
        SELECT jsonb_agg(jsonb_build_array(reservation_id, balance_id, quantity, state, expires_at))
        FROM reservation WHERE reservation_id = ANY ($4::bigint[])
    )::text AS reservations,
    (SELECT array_agg(reverses_id) FROM movement WHERE reverses_id = ANY ($5::bigint[])) AS reversed_ids,
    (
        SELECT jsonb_agg(jsonb_build_array(lot_id, balance_id))
        FROM serial_place WHERE lot_id = ANY ($6::bigint[])
    )::text AS serial_places
