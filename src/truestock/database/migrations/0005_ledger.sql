-- Owned by: stock. depends: 0004_locations
-- A lot is a same-origin group of an item; a serial is a lot of one individual.
CREATE TABLE lot (
    lot_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT lot_pk PRIMARY KEY,
    item_id bigint NOT NULL CONSTRAINT lot_item_known REFERENCES item,
    code text NOT NULL CONSTRAINT lot_code_form CHECK (length(code) BETWEEN 1 AND 64 AND code = btrim(code)),
    serial boolean NOT NULL DEFAULT false,
    expires_on date,
    best_before_on date,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT lot_code_unique UNIQUE (item_id, code)
);

-- One row per key and one key per row. Rows are never deleted, so their ids may be cached.
-- Balances of virtual locations have negative ids: what is indexed for people to ask about is only
-- the physical side of a line.
CREATE SEQUENCE balance_id_seq;
CREATE TABLE balance (
    balance_id bigint NOT NULL CONSTRAINT balance_pk PRIMARY KEY
        CONSTRAINT balance_id_sign CHECK ((balance_id > 0) = physical),
    item_id bigint NOT NULL CONSTRAINT balance_item_known REFERENCES item,
    location_id bigint NOT NULL CONSTRAINT balance_location_known REFERENCES location,
    lot_id bigint CONSTRAINT balance_lot_known REFERENCES lot,
    handling_unit_id bigint,
    disposition text NOT NULL DEFAULT 'available' CONSTRAINT balance_disposition_known
        CHECK (disposition IN ('available', 'quality_hold', 'quarantine', 'damaged', 'expired', 'returned')),
    physical boolean NOT NULL,
    serial boolean NOT NULL DEFAULT false,
    negative_allowed boolean NOT NULL DEFAULT false,
    quantity_on_hand bigint NOT NULL DEFAULT 0,
    quantity_reserved bigint NOT NULL DEFAULT 0,
    CONSTRAINT balance_key_unique UNIQUE NULLS NOT DISTINCT
        (item_id, location_id, lot_id, handling_unit_id, disposition),
    CONSTRAINT balance_not_negative
        CHECK (quantity_on_hand >= 0 OR NOT physical OR negative_allowed),
    CONSTRAINT balance_reserved_within
        CHECK (quantity_reserved >= 0 AND quantity_reserved <= greatest(quantity_on_hand, 0)),
    CONSTRAINT balance_serial_is_one
        CHECK (NOT (serial AND physical) OR quantity_on_hand BETWEEN 0 AND 1)
) WITH (fillfactor = 60);
CREATE INDEX balance_by_location ON balance (location_id, item_id);
CREATE INDEX balance_by_lot ON balance (lot_id) WHERE lot_id IS NOT NULL;

-- A serial number is in at most one physical place: its row here is that place.
CREATE TABLE serial_place (
    lot_id bigint NOT NULL CONSTRAINT serial_place_one_place PRIMARY KEY
        CONSTRAINT serial_place_lot_known REFERENCES lot,
    balance_id bigint NOT NULL CONSTRAINT serial_place_balance_known REFERENCES balance
);

CREATE SEQUENCE movement_id_seq;

-- A movement commits whole. document_id is given by the slice above and not interpreted here.
CREATE TABLE movement (
    movement_id bigint NOT NULL CONSTRAINT movement_pk PRIMARY KEY,
    actor_id bigint NOT NULL,
    request_key text NOT NULL,
    kind text NOT NULL CONSTRAINT movement_kind_known CHECK (kind IN (
        'receipt', 'delivery', 'transfer', 'adjustment', 'scrap', 'reversal', 'count', 'build', 'move')),
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    line_count smallint NOT NULL CONSTRAINT movement_has_lines CHECK (line_count > 0),
    document_id bigint,
    reverses_id bigint,
    reason text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX movement_reversed_once ON movement (reverses_id) WHERE reverses_id IS NOT NULL;
CREATE INDEX movement_by_document ON movement (document_id) WHERE document_id IS NOT NULL;
CREATE INDEX movement_by_time ON movement USING brin (recorded_at);

-- One item from one place to another. The quantities after are what both balances were right after
-- this line, in recorded order: they make "why" and "as recorded at" bounded, and never change.
CREATE TABLE movement_line (
    movement_id bigint NOT NULL,
    line_number smallint NOT NULL,
    source_balance_id bigint NOT NULL,
    target_balance_id bigint NOT NULL,
    quantity bigint NOT NULL CONSTRAINT movement_line_quantity_positive CHECK (quantity > 0),
    source_quantity_after bigint NOT NULL,
    target_quantity_after bigint NOT NULL,
    unit_entered text,
    quantity_entered numeric,
    unit_cost_minor numeric,
    CONSTRAINT movement_line_pk PRIMARY KEY (movement_id, line_number),
    CONSTRAINT movement_line_moves CHECK (source_balance_id <> target_balance_id)
);
CREATE INDEX movement_line_by_source ON movement_line (source_balance_id, movement_id)
    WHERE source_balance_id > 0;
CREATE INDEX movement_line_by_target ON movement_line (target_balance_id, movement_id)
    WHERE target_balance_id > 0;

CREATE TRIGGER movement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER movement_line_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A promise on one balance with a time limit. `quantity` is what is still promised while pending.
CREATE SEQUENCE reservation_id_seq;
CREATE TABLE reservation (
    reservation_id bigint NOT NULL CONSTRAINT reservation_pk PRIMARY KEY,
    balance_id bigint NOT NULL CONSTRAINT reservation_balance_known REFERENCES balance,
    actor_id bigint NOT NULL,
    request_key text NOT NULL,
    quantity bigint NOT NULL CONSTRAINT reservation_quantity_positive CHECK (quantity > 0),
    quantity_posted bigint NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT 'pending' CONSTRAINT reservation_state_known
        CHECK (state IN ('pending', 'posted', 'voided', 'expired')),
    priority smallint NOT NULL DEFAULT 100 CONSTRAINT reservation_priority_range
        CHECK (priority BETWEEN 0 AND 1000),
    expires_at timestamptz,
    document_id bigint,
    note text NOT NULL DEFAULT '',
    recorded_at timestamptz NOT NULL,
    resolved_at timestamptz,
    movement_id bigint,
    CONSTRAINT reservation_posted_within CHECK (quantity_posted BETWEEN 0 AND quantity),
    CONSTRAINT reservation_resolved_once CHECK ((state = 'pending') = (resolved_at IS NULL)),
    CONSTRAINT reservation_posted_has_movement
        CHECK ((state = 'posted') = (movement_id IS NOT NULL) AND (state = 'posted') = (quantity_posted > 0))
);
CREATE INDEX reservation_pending_by_balance ON reservation (balance_id, priority, reservation_id)
    WHERE state = 'pending';
CREATE INDEX reservation_pending_by_expiry ON reservation (expires_at)
    WHERE state = 'pending' AND expires_at IS NOT NULL;
CREATE INDEX reservation_by_document ON reservation (document_id) WHERE document_id IS NOT NULL;

-- Recorded movements hash into a chain, a block at a time.
CREATE TABLE ledger_seal (
    seal_id bigint NOT NULL CONSTRAINT ledger_seal_pk PRIMARY KEY,
    movement_id_first bigint NOT NULL,
    movement_id_last bigint NOT NULL CONSTRAINT ledger_seal_last_unique UNIQUE,
    movement_count bigint NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ledger_seal_range CHECK (movement_id_first <= movement_id_last),
    CONSTRAINT ledger_seal_hash_length CHECK (length(hash) = 32 AND length(previous_hash) = 32)
);
CREATE TRIGGER ledger_seal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_seal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
