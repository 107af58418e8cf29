-- depends: 0005_ledger
-- Owned by: documents. A document is the paper of a movement of stock: written as a draft, then posted or cancelled.
-- Orders, counts, returns and builds have their words here already; their verbs follow.

-- What a type is called in numbers and who must look at it before it is posted. With four eyes,
-- the one who approves or posts is not the one who wrote it.
CREATE TABLE document_type (
    type text NOT NULL CONSTRAINT document_type_pk PRIMARY KEY,
    prefix text NOT NULL CONSTRAINT document_type_prefix_unique UNIQUE
        CONSTRAINT document_type_prefix_form CHECK (prefix ~ '^[A-Z]{2,6}$'),
    four_eyes boolean NOT NULL DEFAULT false,
    approval_needed boolean NOT NULL DEFAULT false,
    approval_above_minor bigint CONSTRAINT document_type_threshold_range
        CHECK (approval_above_minor BETWEEN 0 AND 1000000000000000),
    version integer NOT NULL DEFAULT 1
);
INSERT INTO document_type (type, prefix) VALUES
    ('receipt', 'REC'), ('delivery', 'DEL'), ('transfer', 'TRF'), ('adjustment', 'ADJ'),
    ('count', 'CNT'), ('customer_return', 'CRT'), ('supplier_return', 'SRT'),
    ('purchase_order', 'PUR'), ('sales_order', 'SAL'), ('build', 'BLD');

-- Why stock is adjusted. A theft takes away, a find adds; a correction does either.
CREATE TABLE reason_code (
    reason_code text NOT NULL CONSTRAINT reason_code_pk PRIMARY KEY
        CONSTRAINT reason_code_form CHECK (reason_code ~ '^[a-z][a-z_]{0,31}$'),
    name text NOT NULL CONSTRAINT reason_code_name_form
        CHECK (length(name) <= 100 AND btrim(name) <> ''),
    direction text NOT NULL CONSTRAINT reason_code_direction_known
        CHECK (direction IN ('increase', 'decrease', 'either'))
);
INSERT INTO reason_code (reason_code, name, direction) VALUES
    ('correction', 'Correction', 'either'),
    ('count', 'Count', 'either'),
    ('damage', 'Damage', 'decrease'),
    ('expiry', 'Expiry', 'decrease'),
    ('found', 'Found', 'increase'),
    ('lost', 'Lost', 'decrease'),
    ('other', 'Other', 'either'),
    ('theft', 'Theft', 'decrease');

-- The last number given, per type and year. Taken as the last statement of what creates documents,
-- so its row is locked for no longer than a commit takes, and given back when that fails.
CREATE TABLE document_counter (
    type text NOT NULL CONSTRAINT document_counter_type_known REFERENCES document_type,
    year smallint NOT NULL,
    last_index integer NOT NULL CONSTRAINT document_counter_positive CHECK (last_index > 0),
    CONSTRAINT document_counter_pk PRIMARY KEY (type, year)
) WITH (fillfactor = 50);

CREATE SEQUENCE document_id_seq;

-- A site is there exactly when the place is a physical one; a document is of one site or two.
CREATE TABLE document (
    document_id bigint NOT NULL CONSTRAINT document_pk PRIMARY KEY,
    type text NOT NULL CONSTRAINT document_type_known REFERENCES document_type,
    number text NOT NULL CONSTRAINT document_number_unique UNIQUE,
    number_year smallint NOT NULL CONSTRAINT document_year_range
        CHECK (number_year BETWEEN 1970 AND 9999),
    number_index integer NOT NULL,
    state text NOT NULL DEFAULT 'draft' CONSTRAINT document_state_known CHECK (state IN (
        'draft', 'approved', 'sent', 'partly_done', 'closed', 'posted', 'cancelled')),
    party_id bigint,
    party_kind text GENERATED ALWAYS AS (CASE
        WHEN type IN ('receipt', 'supplier_return', 'purchase_order') THEN 'supplier'
        WHEN type IN ('delivery', 'customer_return', 'sales_order') THEN 'customer' END) STORED,
    source_location_id bigint CONSTRAINT document_source_known REFERENCES location,
    source_site_id bigint,
    target_location_id bigint CONSTRAINT document_target_known REFERENCES location,
    target_site_id bigint,
    reference text NOT NULL DEFAULT '' CONSTRAINT document_reference_length
        CHECK (length(reference) <= 200),
    note text NOT NULL DEFAULT '' CONSTRAINT document_note_length CHECK (length(note) <= 2000),
    reason_code text CONSTRAINT document_reason_known REFERENCES reason_code,
    occurred_at timestamptz CONSTRAINT document_occurred_range CHECK (occurred_at >= '1970-01-01Z'),
    created_by bigint NOT NULL CONSTRAINT document_creator_known REFERENCES actor,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    changed_by bigint NOT NULL CONSTRAINT document_changer_known REFERENCES actor,
    changed_at timestamptz NOT NULL DEFAULT now(),
    approved_by bigint CONSTRAINT document_approver_known REFERENCES actor,
    approved_at timestamptz,
    posted_by bigint CONSTRAINT document_poster_known REFERENCES actor,
    posted_at timestamptz,
    cancelled_by bigint CONSTRAINT document_canceller_known REFERENCES actor,
    cancelled_at timestamptz,
    cancel_reason text CONSTRAINT document_cancel_reason_form
        CHECK (length(cancel_reason) <= 2000 AND btrim(cancel_reason) <> ''),
    reverses_id bigint CONSTRAINT document_original_known REFERENCES document,
    reversed_by_id bigint CONSTRAINT document_reversal_known REFERENCES document
        CONSTRAINT document_reversal_unique UNIQUE,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT document_index_unique UNIQUE (type, number_year, number_index),
    CONSTRAINT document_party_known FOREIGN KEY (party_id, party_kind)
        REFERENCES party (party_id, kind),
    CONSTRAINT document_party_fits CHECK (party_id IS NULL OR party_kind IS NOT NULL),
    CONSTRAINT document_source_in_site FOREIGN KEY (source_location_id, source_site_id)
        REFERENCES location (location_id, site_id),
    CONSTRAINT document_target_in_site FOREIGN KEY (target_location_id, target_site_id)
        REFERENCES location (location_id, site_id),
    CONSTRAINT document_receipt_places CHECK (
        type NOT IN ('receipt', 'customer_return', 'purchase_order')
        OR (target_site_id IS NOT NULL AND source_site_id IS NULL)),
    CONSTRAINT document_delivery_places CHECK (
        type NOT IN ('delivery', 'supplier_return', 'sales_order')
        OR (source_site_id IS NOT NULL AND target_site_id IS NULL)),
    CONSTRAINT document_transfer_places CHECK (
        type <> 'transfer' OR (source_site_id IS NOT NULL AND target_site_id IS NOT NULL)),
    CONSTRAINT document_adjustment_places CHECK (type <> 'adjustment' OR (
        (source_location_id IS NULL) <> (target_location_id IS NULL)
        AND (source_site_id IS NULL) <> (target_site_id IS NULL))),
    CONSTRAINT document_places_differ CHECK (source_location_id <> target_location_id),
    CONSTRAINT document_reason_iff_adjustment CHECK (
        (reason_code IS NOT NULL) = (type = 'adjustment')),
    CONSTRAINT document_state_fits_type CHECK (
        state IN ('draft', 'cancelled')
        OR (state = 'posted') = (type NOT IN ('purchase_order', 'sales_order'))),
    CONSTRAINT document_posted_is_whole CHECK (
        (state = 'posted') = (posted_by IS NOT NULL)
        AND (state = 'posted') = (posted_at IS NOT NULL)
        AND (state <> 'posted' OR occurred_at IS NOT NULL)),
    CONSTRAINT document_approved_is_whole CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
    CONSTRAINT document_cancelled_is_whole CHECK (
        (state = 'cancelled') = (cancelled_by IS NOT NULL)
        AND (state = 'cancelled') = (cancelled_at IS NOT NULL)
        AND (state = 'cancelled') = (cancel_reason IS NOT NULL)),
    CONSTRAINT document_reversal_of_another CHECK (reverses_id <> document_id),
    CONSTRAINT document_reversed_was_posted CHECK (reversed_by_id IS NULL OR state = 'posted')
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX document_reversed_once ON document (reverses_id)
    WHERE reverses_id IS NOT NULL AND state <> 'cancelled';
CREATE INDEX document_by_recording ON document (recorded_at, document_id);
CREATE INDEX document_by_occurrence ON document ((coalesce(occurred_at, recorded_at)), document_id);
CREATE INDEX document_by_state ON document (state, type);
CREATE INDEX document_by_party ON document (party_id, document_id) WHERE party_id IS NOT NULL;
CREATE INDEX document_number_prefix ON document (number text_pattern_ops);
CREATE INDEX document_reference_prefix ON document (lower(reference) text_pattern_ops)
    WHERE reference <> '';

-- One item at most once, unless lot or disposition differ. Places are the document's unless the
-- line names its own, in the same site. Lines come before their document in the transaction, so
-- that the counter is locked last: their foreign key is looked at when it commits.
CREATE TABLE document_line (
    document_id bigint NOT NULL CONSTRAINT document_line_document_known REFERENCES document
        DEFERRABLE INITIALLY DEFERRED,
    line_number smallint NOT NULL CONSTRAINT document_line_number_range
        CHECK (line_number BETWEEN 1 AND 1000),
    item_id bigint NOT NULL CONSTRAINT document_line_item_known REFERENCES item,
    lot_code text CONSTRAINT document_line_lot_form
        CHECK (length(lot_code) BETWEEN 1 AND 64 AND lot_code = btrim(lot_code)),
    disposition text NOT NULL DEFAULT 'available' CONSTRAINT document_line_disposition_known CHECK (
        disposition IN ('available', 'quality_hold', 'quarantine', 'damaged', 'expired', 'returned')),
    unit text NOT NULL CONSTRAINT document_line_unit_form CHECK (length(unit) BETWEEN 1 AND 32),
    quantity_entered numeric NOT NULL CONSTRAINT document_line_entered_positive
        CHECK (quantity_entered > 0),
    quantity_base bigint NOT NULL CONSTRAINT document_line_quantity_range
        CHECK (quantity_base BETWEEN 1 AND 1000000000000),
    unit_cost_minor numeric CONSTRAINT document_line_cost_range
        CHECK (unit_cost_minor BETWEEN 0 AND 1000000000000),
    source_location_id bigint CONSTRAINT document_line_source_known REFERENCES location,
    target_location_id bigint CONSTRAINT document_line_target_known REFERENCES location,
    CONSTRAINT document_line_pk PRIMARY KEY (document_id, line_number),
    CONSTRAINT document_line_item_once UNIQUE NULLS NOT DISTINCT
        (document_id, item_id, lot_code, disposition),
    CONSTRAINT document_line_places_differ CHECK (source_location_id <> target_location_id)
);
CREATE INDEX document_line_by_item ON document_line (item_id, document_id);

-- What was posted or cancelled stays as it was; only the link to its reversal is added.
CREATE FUNCTION refuse_change_of_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'document % is %', OLD.document_id, OLD.state
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'document_fixed';
END
$$;
CREATE TRIGGER document_fixed BEFORE UPDATE ON document
    FOR EACH ROW WHEN (
        OLD.number <> NEW.number OR OLD.type <> NEW.type OR (
            OLD.state IN ('posted', 'cancelled', 'closed') AND (
                OLD.state, OLD.party_id, OLD.source_location_id, OLD.target_location_id,
                OLD.reference, OLD.note, OLD.reason_code, OLD.occurred_at, OLD.created_by,
                OLD.recorded_at, OLD.posted_by, OLD.posted_at, OLD.cancel_reason, OLD.reverses_id
            ) IS DISTINCT FROM (
                NEW.state, NEW.party_id, NEW.source_location_id, NEW.target_location_id,
                NEW.reference, NEW.note, NEW.reason_code, NEW.occurred_at, NEW.created_by,
                NEW.recorded_at, NEW.posted_by, NEW.posted_at, NEW.cancel_reason, NEW.reverses_id
            )))
    EXECUTE FUNCTION refuse_change_of_document();
CREATE TRIGGER document_append_only BEFORE DELETE OR TRUNCATE ON document
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_change_of_document_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM document WHERE document_id = OLD.document_id AND state <> 'draft') THEN
        RAISE EXCEPTION 'document % is no draft', OLD.document_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'document_line_fixed';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER document_line_fixed BEFORE UPDATE OR DELETE ON document_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_document_line();
