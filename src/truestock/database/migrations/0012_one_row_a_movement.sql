-- depends: 0011_overview
-- Owned by: database (request), stock (movement, balance).
-- A posted movement and the request that asked for it were two rows that repeated each other. Now
-- the row of the request is the movement's head: nothing can come between them, and a posting
-- writes a row and an index entry less. `movement` stays what everybody reads.
ALTER TABLE request
    ADD COLUMN kind text CONSTRAINT movement_kind_known CHECK (kind IN (
        'receipt', 'delivery', 'transfer', 'adjustment', 'scrap', 'reversal', 'count', 'build', 'move')),
    ADD COLUMN occurred_at timestamptz,
    ADD COLUMN line_count smallint CONSTRAINT movement_has_lines CHECK (line_count > 0),
    ADD COLUMN document_id bigint,
    ADD COLUMN reverses_id bigint,
    ADD COLUMN reason text NOT NULL DEFAULT '',
    ADD COLUMN note text NOT NULL DEFAULT '';

UPDATE request AS r
SET kind = m.kind, occurred_at = m.occurred_at, recorded_at = m.recorded_at,
    line_count = m.line_count, document_id = m.document_id, reverses_id = m.reverses_id,
    reason = m.reason, note = m.note
FROM movement AS m
WHERE m.movement_id = r.movement_id;

DO $$
BEGIN
    IF EXISTS (
        SELECT FROM movement AS m
        LEFT JOIN request AS r USING (movement_id, actor_id, request_key)
        WHERE r.kind IS NULL
    ) THEN
        RAISE EXCEPTION 'a movement has no request of its own; run `truestock verify` and mend that first';
    END IF;
END
$$;

DROP TABLE movement;
ALTER TABLE request
    ADD CONSTRAINT movement_is_whole CHECK (
        (movement_id IS NULL) = (kind IS NULL)
        AND (movement_id IS NULL) = (occurred_at IS NULL)
        AND (movement_id IS NULL) = (line_count IS NULL)),
    ADD CONSTRAINT movement_has_no_other_answer CHECK (movement_id IS NULL OR answer IS NULL);
CREATE UNIQUE INDEX movement_pk ON request (movement_id) WHERE movement_id IS NOT NULL;
CREATE UNIQUE INDEX movement_reversed_once ON request (reverses_id) WHERE reverses_id IS NOT NULL;
CREATE INDEX movement_by_document ON request (document_id) WHERE document_id IS NOT NULL;
CREATE INDEX movement_by_time ON request USING brin (recorded_at);
CREATE INDEX movement_by_occurrence ON request USING brin (occurred_at);

CREATE VIEW movement AS
SELECT
    movement_id, actor_id, request_key, kind, occurred_at, recorded_at, line_count,
    document_id, reverses_id, reason, note
FROM request
WHERE movement_id IS NOT NULL;

-- A posted movement is never changed. Other requests are: claimed first, answered later.
CREATE FUNCTION refuse_change_of_movement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'movement is append-only; % refused', TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'movement_append_only';
END
$$;
CREATE TRIGGER movement_append_only BEFORE UPDATE OR DELETE ON request
    FOR EACH ROW WHEN (OLD.movement_id IS NOT NULL) EXECUTE FUNCTION refuse_change_of_movement();
CREATE TRIGGER movement_not_truncated BEFORE TRUNCATE ON request
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_movement();

-- Raised by every change of a balance, so that a group decided on what a process remembers is
-- written only if nothing was changed since.
ALTER TABLE balance ADD COLUMN version bigint NOT NULL DEFAULT 0;

-- Undoes a group unless every balance was as it was believed to be, and unless the cached facts it
-- was resolved with are those of today. Volatile, and given the count of the rows that are locked
-- by now: it sees what was committed while the group waited for them.
CREATE FUNCTION confirm_group(changed bigint, expected bigint, stamp_used bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF changed <> expected THEN
        RAISE EXCEPTION '% of % balances are not as believed', expected - changed, expected
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'balance_as_believed';
    END IF;
    IF stamp_used <> (SELECT stamp FROM fact_stamp) THEN
        RAISE EXCEPTION 'facts of items or locations changed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'fact_stamp_as_used';
    END IF;
    RETURN true;
END
$$;
