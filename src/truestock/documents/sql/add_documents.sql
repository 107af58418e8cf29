-- Take numbers and store the documents with them. The counters are locked in order of type and
-- year, and this is the last statement before the answer: so no two creators wait for each other
-- in a ring, and nobody waits for longer than a commit.
WITH asked AS (
    SELECT
        n.*,
        row_number() OVER (PARTITION BY n.type, n.number_year ORDER BY n.place) AS place_of_type
    FROM unnest(
        $1::text::bigint[], $2::text::text[], $3::text::smallint[], $4::text::bigint[],
        $5::text::bigint[], $6::text::bigint[], $7::text::bigint[], $8::text::bigint[],
        $9::text[], $10::text[], $11::text[], $12::text::timestamptz[], $13::text::bigint[],
        $14::text::timestamptz[], $15::text::bigint[], $16::text::date[]
    ) WITH ORDINALITY AS n (
        document_id, type, number_year, party_id, source_location_id, source_site_id,
        target_location_id, target_site_id, reference, note, reason_code, occurred_at, actor_id,
        posted_at, reverses_id, due_on, place
    )
),
counted AS (
    INSERT INTO document_counter AS c (type, year, last_index)
    SELECT type, number_year, count(*) FROM asked GROUP BY type, number_year ORDER BY type, number_year
    ON CONFLICT ON CONSTRAINT document_counter_pk
    DO UPDATE SET last_index = c.last_index + excluded.last_index
    RETURNING c.type, c.year, c.last_index
),
sized AS (
    SELECT type, number_year, count(*) AS size FROM asked GROUP BY type, number_year
),
numbered AS (
    SELECT a.*, (c.last_index - s.size + a.place_of_type)::integer AS number_index, t.prefix
    FROM asked AS a
    JOIN counted AS c ON c.type = a.type AND c.year = a.number_year
    JOIN sized AS s ON s.type = a.type AND s.number_year = a.number_year
    JOIN document_type AS t ON t.type = a.type
)
INSERT INTO document (
    document_id, type, number, number_year, number_index, state, party_id, source_location_id,
    source_site_id, target_location_id, target_site_id, reference, note, reason_code,
    occurred_at, created_by, changed_by, posted_by, posted_at, reverses_id, due_on
)
SELECT
    document_id, type,
    prefix || '-' || number_year || '-'
        || lpad(number_index::text, greatest(6, length(number_index::text)), '0'),
    number_year, number_index, CASE WHEN posted_at IS NULL THEN 'draft' ELSE 'posted' END,
    party_id, source_location_id, source_site_id, target_location_id, target_site_id,
    coalesce(reference, ''), coalesce(note, ''), reason_code, coalesce(occurred_at, posted_at),
    actor_id, actor_id, CASE WHEN posted_at IS NOT NULL THEN actor_id END, posted_at, reverses_id,
    due_on
FROM numbered
ORDER BY place
RETURNING document_id, number
