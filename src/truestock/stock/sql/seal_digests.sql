-- The hash of each block of movements and what chains it to the one before: SHA-256 over the hash
-- before and the SHA-256 of every movement in order of ids. A movement's text holds all of it and
-- of its lines, and what their balances are of; moments are microseconds, so that no session's
-- settings change it. A line without a movement counts as well.
SELECT k.place, d.movement_count, d.hash
FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) WITH ORDINALITY
    AS k (movement_id_first, movement_id_last, previous_hash, place)
CROSS JOIN LATERAL (
    SELECT
        count(*) AS movement_count,
        sha256(k.previous_hash || coalesce(string_agg(digest, ''::bytea ORDER BY movement_id), ''))
            AS hash
    FROM (
        SELECT
            coalesce(m.movement_id, l.movement_id) AS movement_id,
            sha256(convert_to(concat(m.text, '[', l.text, ']'), 'UTF8')) AS digest
        FROM (
            SELECT movement_id, json_build_array(
                movement_id, actor_id, request_key, kind,
                (extract(epoch FROM occurred_at) * 1000000)::bigint,
                (extract(epoch FROM recorded_at) * 1000000)::bigint,
                line_count, document_id, reverses_id, reason, note)::text AS text
            FROM movement
            WHERE movement_id BETWEEN k.movement_id_first AND k.movement_id_last
        ) AS m
        FULL JOIN (
            SELECT movement_id, string_agg(json_build_array(
                line_number, quantity,
                source_balance_id, s.item_id, s.location_id, s.lot_id, s.disposition,
                source_quantity_after,
                target_balance_id, t.item_id, t.location_id, t.lot_id, t.disposition,
                target_quantity_after,
                unit_entered, quantity_entered::text, unit_cost_minor::text)::text,
                ',' ORDER BY line_number) AS text
            FROM movement_line
            LEFT JOIN balance AS s ON s.balance_id = source_balance_id
            LEFT JOIN balance AS t ON t.balance_id = target_balance_id
            WHERE movement_id BETWEEN k.movement_id_first AND k.movement_id_last
            GROUP BY movement_id
        ) AS l USING (movement_id)
    ) AS movement
) AS d
ORDER BY k.place
