-- depends: 0011_overview
-- Owned by: documents, stock and overview. Approval by value; what open documents will bring and take; figures behind the ledger.

-- Above these values a document of the type is not posted before another person has approved it. An
-- item's value is its cost. A type with a threshold in any currency leaves nothing unweighed: a
-- currency without one has a threshold of zero, and an item without a cost needs approval.
CREATE TABLE document_threshold (
    type text NOT NULL CONSTRAINT document_threshold_type_known REFERENCES document_type,
    currency text NOT NULL CONSTRAINT document_threshold_currency_form
        CHECK (currency ~ '^[A-Z]{3}$'),
    value_minor bigint NOT NULL CONSTRAINT document_threshold_value_range
        CHECK (value_minor BETWEEN 0 AND 1000000000000000),
    CONSTRAINT document_threshold_pk PRIMARY KEY (type, currency)
);
INSERT INTO document_threshold (type, currency, value_minor)
SELECT type, 'EUR', approval_above_minor FROM document_type WHERE approval_above_minor IS NOT NULL;
ALTER TABLE document_type DROP COLUMN approval_above_minor;

-- What a document moves is worth, whichever way it goes, at what its items cost now.
CREATE VIEW document_value AS
SELECT
    l.document_id, i.currency,
    coalesce(sum(l.quantity_base::numeric * i.cost_minor), 0) AS value_minor,
    count(*) FILTER (WHERE i.cost_minor IS NULL) AS lines_without_cost
FROM document_line AS l
JOIN item AS i USING (item_id)
GROUP BY l.document_id, i.currency;

-- The same as a list of what people are shown, with the threshold of each currency.
CREATE FUNCTION document_values(asked_id bigint, asked_type text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_agg(json_build_object(
        'currency', v.currency, 'value_minor', v.value_minor::text,
        'threshold_minor', t.value_minor, 'lines_without_cost', v.lines_without_cost
    ) ORDER BY v.currency), '[]')::text
    FROM document_value AS v
    LEFT JOIN document_threshold AS t ON t.type = asked_type AND t.currency = v.currency
    WHERE v.document_id = asked_id
$$;

-- Why a document needs approval now, or null: its type does, it is worth too much, or nobody knows.
CREATE FUNCTION document_approval_why(asked_id bigint, asked_type text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF (SELECT approval_needed FROM document_type WHERE type = asked_type) THEN
        RETURN 'type';
    END IF;
    IF NOT EXISTS (SELECT FROM document_threshold WHERE type = asked_type) THEN
        RETURN NULL;
    END IF;
    RETURN (
        SELECT CASE
            WHEN bool_or(v.value_minor > coalesce(t.value_minor, 0)) THEN 'value'
            WHEN bool_or(v.lines_without_cost > 0) THEN 'cost_unknown'
        END
        FROM document_value AS v
        LEFT JOIN document_threshold AS t ON t.type = asked_type AND t.currency = v.currency
        WHERE v.document_id = asked_id
    );
END
$$;

-- The last word on posting: whatever code has looked at, nothing is posted without its approval.
CREATE FUNCTION refuse_posting_unapproved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    why text;
BEGIN
    IF NEW.approved_by IS NOT NULL AND NEW.approved_by NOT IN (NEW.created_by, NEW.changed_by) THEN
        RETURN NEW;
    END IF;
    why := document_approval_why(NEW.document_id, NEW.type);
    IF why IN ('value', 'cost_unknown') OR (why = 'type' AND NEW.approved_by IS NULL) THEN
        RAISE EXCEPTION 'document % needs approval: %', NEW.document_id, why
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'document_approved_first';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER document_approved_first BEFORE UPDATE OF state ON document
    FOR EACH ROW WHEN (NEW.state = 'posted' AND OLD.state <> 'posted')
    EXECUTE FUNCTION refuse_posting_unapproved();
CREATE TRIGGER document_approved_first_when_added BEFORE INSERT ON document
    FOR EACH ROW WHEN (NEW.state = 'posted')
    EXECUTE FUNCTION refuse_posting_unapproved();

-- An adjustment is approved by somebody else than who wrote it.
CREATE FUNCTION refuse_own_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'document % approved by its writer', NEW.document_id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'document_approver_differs';
END
$$;
CREATE TRIGGER document_approver_differs BEFORE INSERT OR UPDATE OF approved_by ON document
    FOR EACH ROW WHEN (
        NEW.type = 'adjustment' AND NEW.approved_by IN (NEW.created_by, NEW.changed_by))
    EXECUTE FUNCTION refuse_own_approval();

-- What was approved is what is posted: while an approval stands, nothing that it was given for
-- changes; a change takes it back first. Lines come before their document, so theirs are looked at
-- a statement at a time.
CREATE FUNCTION refuse_change_of_approved_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'document % is approved', OLD.document_id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'document_approved_fixed';
END
$$;
CREATE TRIGGER document_approved_fixed BEFORE UPDATE ON document
    FOR EACH ROW WHEN (
        OLD.approved_by IS NOT NULL AND OLD.approved_by = NEW.approved_by AND (
            OLD.party_id, OLD.source_location_id, OLD.target_location_id, OLD.reason_code,
            OLD.created_by, OLD.changed_by
        ) IS DISTINCT FROM (
            NEW.party_id, NEW.source_location_id, NEW.target_location_id, NEW.reason_code,
            NEW.created_by, NEW.changed_by
        ))
    EXECUTE FUNCTION refuse_change_of_approved_document();

CREATE FUNCTION refuse_lines_for_fixed_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT document_id FROM added) AS a
        JOIN document AS d USING (document_id)
        WHERE d.approved_by IS NOT NULL AND d.state = 'draft'
    ) THEN
        RAISE EXCEPTION 'lines of an approved document'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'document_approved_fixed';
    END IF;
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT document_id FROM added) AS a
        JOIN document AS d USING (document_id)
        WHERE d.state <> 'draft'
    ) THEN
        RAISE EXCEPTION 'lines of a document that is no draft'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'document_line_fixed';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER document_line_added_to_draft AFTER INSERT ON document_line
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_lines_for_fixed_document();

CREATE OR REPLACE FUNCTION refuse_change_of_document_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    its document;
BEGIN
    SELECT * INTO its FROM document WHERE document_id = OLD.document_id;
    IF its.state <> 'draft' THEN
        RAISE EXCEPTION 'document % is no draft', OLD.document_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'document_line_fixed';
    END IF;
    IF its.approved_by IS NOT NULL THEN
        RAISE EXCEPTION 'document % is approved', OLD.document_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'document_approved_fixed';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

-- When a draft is expected to be posted: of a receipt, when the goods come; of a delivery, when they
-- go. Unlike the moment it occurred it may lie ahead.
ALTER TABLE document ADD COLUMN due_on date CONSTRAINT document_due_range
    CHECK (due_on BETWEEN '1970-01-01' AND '9999-12-31');

-- What open documents will bring to sites and take from them, a row per line; gone once the document
-- is posted or cancelled. Stock's own, written by the slices whose documents are open. Without a due
-- date nobody knows when.
CREATE TABLE expected_line (
    document_id bigint NOT NULL,
    line_number smallint NOT NULL,
    number text NOT NULL,
    kind text NOT NULL,
    item_id bigint NOT NULL,
    source_site_id bigint,
    target_site_id bigint,
    disposition text NOT NULL,
    quantity bigint NOT NULL CONSTRAINT expected_line_quantity_positive CHECK (quantity > 0),
    due_on date,
    CONSTRAINT expected_line_pk PRIMARY KEY (document_id, line_number),
    CONSTRAINT expected_line_has_site
        CHECK (source_site_id IS NOT NULL OR target_site_id IS NOT NULL)
);
CREATE INDEX expected_line_by_item ON expected_line (item_id);

-- Drafts as expected lines. A reversal goes the other way; an adjustment is nothing to wait for.
CREATE VIEW document_expected AS
SELECT
    d.document_id, l.line_number, d.number, d.type AS kind, l.item_id,
    CASE WHEN d.reverses_id IS NULL THEN d.source_site_id ELSE d.target_site_id END AS source_site_id,
    CASE WHEN d.reverses_id IS NULL THEN d.target_site_id ELSE d.source_site_id END AS target_site_id,
    l.disposition, l.quantity_base AS quantity,
    coalesce(d.due_on, (d.occurred_at AT TIME ZONE 'UTC')::date) AS due_on
FROM document AS d
JOIN document_line AS l USING (document_id)
WHERE d.state = 'draft' AND d.type IN ('receipt', 'delivery', 'transfer');

INSERT INTO expected_line SELECT * FROM document_expected;

-- Whether a site is one of those asked for; null asks for every site.
CREATE FUNCTION site_within(site_id bigint, scope bigint[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT site_id IS NOT NULL AND (scope IS NULL OR site_id = ANY (scope))
$$;

-- A coarse index of the ledger, extended behind the seals by a job, so that posting pays nothing for
-- it: for every block of 100 movement ids, which sites and which locations its lines touch; and how
-- many movements happened on a day (UTC) at which sites. Movements above `movement_id` are not in it
-- yet: whoever asks looks at those themselves.
CREATE TABLE movement_index (
    only_row boolean NOT NULL DEFAULT true CONSTRAINT movement_index_pk PRIMARY KEY
        CONSTRAINT movement_index_one_row CHECK (only_row),
    movement_id bigint NOT NULL DEFAULT 0
);
INSERT INTO movement_index DEFAULT VALUES;

CREATE TABLE movement_block (
    block bigint NOT NULL CONSTRAINT movement_block_pk PRIMARY KEY,
    site_ids bigint[] NOT NULL
);
CREATE TABLE movement_block_location (
    location_id bigint NOT NULL,
    block bigint NOT NULL,
    CONSTRAINT movement_block_location_pk PRIMARY KEY (location_id, block)
);
CREATE TABLE movement_day (
    day date NOT NULL,
    site_ids bigint[] NOT NULL,
    movement_count bigint NOT NULL,
    CONSTRAINT movement_day_pk PRIMARY KEY (day, site_ids)
);

-- What the dashboard tells of all balances, counted by a job where there are too many to be counted
-- at once. Without a site it is the whole company's.
CREATE TABLE stock_figure (
    site_id bigint,
    balance_count bigint NOT NULL,
    short_item_count bigint NOT NULL,
    short_items jsonb NOT NULL,
    counted_at timestamptz NOT NULL,
    milliseconds bigint NOT NULL,
    CONSTRAINT stock_figure_one_per_site UNIQUE NULLS NOT DISTINCT (site_id)
);
