-- Owned by: catalog. depends: 0001_foundation
-- Facts that postings cache carry a stamp: whoever changes one raises it in the same transaction.
CREATE TABLE fact_stamp (
    only_row boolean NOT NULL DEFAULT true CONSTRAINT fact_stamp_pk PRIMARY KEY
        CONSTRAINT fact_stamp_one_row CHECK (only_row),
    stamp bigint NOT NULL DEFAULT 1
);
INSERT INTO fact_stamp DEFAULT VALUES;

CREATE TABLE item (
    item_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT item_pk PRIMARY KEY,
    sku text NOT NULL CONSTRAINT item_sku_unique UNIQUE CONSTRAINT item_sku_form
        CHECK (length(sku) BETWEEN 1 AND 64 AND sku !~ '^\s|\s$|[[:cntrl:]]'),
    name text NOT NULL CONSTRAINT item_name_form
        CHECK (length(name) <= 300 AND btrim(name) <> ''),
    description text NOT NULL DEFAULT '' CONSTRAINT item_description_length
        CHECK (length(description) <= 10000),
    base_unit text NOT NULL DEFAULT 'each' CONSTRAINT item_base_unit_form
        CHECK (length(base_unit) BETWEEN 1 AND 32 AND base_unit !~ '^\s|\s$|[[:cntrl:]]'),
    tracking text NOT NULL DEFAULT 'none' CONSTRAINT item_tracking_known
        CHECK (tracking IN ('none', 'lot', 'serial')),
    shelf_life_days integer CONSTRAINT item_shelf_life_range
        CHECK (shelf_life_days BETWEEN 1 AND 36500),
    currency text NOT NULL DEFAULT 'EUR' CONSTRAINT item_currency_form
        CHECK (currency ~ '^[A-Z]{3}$'),
    list_price_minor bigint CONSTRAINT item_list_price_range
        CHECK (list_price_minor BETWEEN 0 AND 1000000000000000),
    cost_minor bigint CONSTRAINT item_cost_range
        CHECK (cost_minor BETWEEN 0 AND 1000000000000000),
    picture_url text CONSTRAINT item_picture_url_form
        CHECK (picture_url ~ '^https?://[^\s]+$' AND length(picture_url) <= 2000),
    status text NOT NULL DEFAULT 'active' CONSTRAINT item_status_known
        CHECK (status IN ('active', 'archived')),
    version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT item_base_unit_key UNIQUE (item_id, base_unit)
);
CREATE INDEX item_sku_prefix ON item (lower(sku) text_pattern_ops);
CREATE INDEX item_sku_trigram ON item USING gin (sku gin_trgm_ops);
CREATE INDEX item_name_trigram ON item USING gin (name gin_trgm_ops);
CREATE INDEX item_name_order ON item (name, item_id);
CREATE INDEX item_change_order ON item (changed_at, item_id);

-- A pack is a further unit of an item: factor base units, an exact rational. It repeats the base
-- unit so that the database itself keeps a pack from being named like it.
CREATE TABLE item_pack (
    item_id bigint NOT NULL,
    base_unit text NOT NULL,
    unit text NOT NULL CONSTRAINT item_pack_unit_form
        CHECK (length(unit) BETWEEN 1 AND 32 AND unit !~ '^\s|\s$|[[:cntrl:]]'),
    factor_numerator bigint NOT NULL CONSTRAINT item_pack_numerator_range
        CHECK (factor_numerator BETWEEN 1 AND 1000000000),
    factor_denominator bigint NOT NULL DEFAULT 1 CONSTRAINT item_pack_denominator_range
        CHECK (factor_denominator BETWEEN 1 AND 1000000000),
    CONSTRAINT item_pack_pk PRIMARY KEY (item_id, unit),
    CONSTRAINT item_pack_factor_lowest CHECK (gcd(factor_numerator, factor_denominator) = 1),
    CONSTRAINT item_pack_differs_from_base CHECK (unit <> base_unit),
    CONSTRAINT item_pack_item_known FOREIGN KEY (item_id, base_unit)
        REFERENCES item (item_id, base_unit) ON DELETE CASCADE ON UPDATE CASCADE
);

-- Of 14 digits. Written out, so that it is inlined: it runs for every code of an import.
CREATE FUNCTION gtin_check_digit_right(digits text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT (
        3 * (
            substr(digits, 1, 1)::integer + substr(digits, 3, 1)::integer
            + substr(digits, 5, 1)::integer + substr(digits, 7, 1)::integer
            + substr(digits, 9, 1)::integer + substr(digits, 11, 1)::integer
            + substr(digits, 13, 1)::integer
        )
        + substr(digits, 2, 1)::integer + substr(digits, 4, 1)::integer
        + substr(digits, 6, 1)::integer + substr(digits, 8, 1)::integer
        + substr(digits, 10, 1)::integer + substr(digits, 12, 1)::integer
        + substr(digits, 14, 1)::integer
    ) % 10 = 0
$$;

-- Active items whose name nearly holds what was typed, mistyped letters included; half of the letter
-- triples must fit. A function, because the index looks the threshold up as a setting. It weighs no
-- more than 200 names, so that common words cost no more than rare ones.
CREATE FUNCTION items_near(typed text, most integer)
RETURNS TABLE (item_id bigint, nearness real)
LANGUAGE sql STABLE
SET pg_trgm.word_similarity_threshold = 0.5 AS $$
    SELECT found.item_id, word_similarity(typed, found.name)
    FROM (
        SELECT item.item_id, item.name
        FROM item
        WHERE typed <% item.name AND item.status = 'active'
        LIMIT 200
    ) AS found
    ORDER BY 2 DESC, found.name
    LIMIT most
$$;

-- Every GTIN, of an item's base unit (pack_unit is null) or of one of its packs, is here once. All
-- lengths are one number space: a scanner may read a 12-digit code as 13 digits.
CREATE TABLE item_gtin (
    gtin_14 text NOT NULL GENERATED ALWAYS AS (lpad(gtin, 14, '0')) STORED
        CONSTRAINT item_gtin_unique PRIMARY KEY,
    gtin text NOT NULL CONSTRAINT item_gtin_form CHECK (
        CASE WHEN gtin ~ '^([0-9]{8}|[0-9]{12}|[0-9]{13}|[0-9]{14})$'
             THEN gtin_check_digit_right(lpad(gtin, 14, '0')) ELSE false END),
    item_id bigint NOT NULL CONSTRAINT item_gtin_item_known REFERENCES item ON DELETE CASCADE,
    pack_unit text,
    CONSTRAINT item_gtin_one_per_unit UNIQUE NULLS NOT DISTINCT (item_id, pack_unit),
    CONSTRAINT item_gtin_pack_known FOREIGN KEY (item_id, pack_unit)
        REFERENCES item_pack (item_id, unit) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX item_gtin_prefix ON item_gtin (gtin text_pattern_ops);

CREATE TABLE party (
    party_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT party_pk PRIMARY KEY,
    kind text NOT NULL CONSTRAINT party_kind_known CHECK (kind IN ('supplier', 'customer')),
    code text NOT NULL CONSTRAINT party_code_form
        CHECK (length(code) BETWEEN 1 AND 64 AND code !~ '^\s|\s$|[[:cntrl:]]'),
    name text NOT NULL CONSTRAINT party_name_form
        CHECK (length(name) <= 300 AND btrim(name) <> ''),
    email text CONSTRAINT party_email_form
        CHECK (length(email) <= 320 AND email ~ '^[^@\s]+@[^@\s]+$'),
    phone text CONSTRAINT party_phone_length CHECK (length(phone) <= 64),
    address text NOT NULL DEFAULT '' CONSTRAINT party_address_length CHECK (length(address) <= 2000),
    currency text NOT NULL DEFAULT 'EUR' CONSTRAINT party_currency_form
        CHECK (currency ~ '^[A-Z]{3}$'),
    note text NOT NULL DEFAULT '' CONSTRAINT party_note_length CHECK (length(note) <= 10000),
    status text NOT NULL DEFAULT 'active' CONSTRAINT party_status_known
        CHECK (status IN ('active', 'archived')),
    version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT party_code_unique UNIQUE (kind, code),
    CONSTRAINT party_kind_key UNIQUE (party_id, kind)
);
CREATE INDEX party_name_trigram ON party USING gin (name gin_trgm_ops);
CREATE INDEX party_code_order ON party (code, party_id);
CREATE INDEX party_name_order ON party (name, party_id);

CREATE TABLE party_contact (
    contact_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT party_contact_pk PRIMARY KEY,
    party_id bigint NOT NULL CONSTRAINT party_contact_party_known REFERENCES party ON DELETE CASCADE,
    name text NOT NULL CONSTRAINT party_contact_name_form
        CHECK (length(name) <= 200 AND btrim(name) <> ''),
    email text CONSTRAINT party_contact_email_form
        CHECK (length(email) <= 320 AND email ~ '^[^@\s]+@[^@\s]+$'),
    phone text CONSTRAINT party_contact_phone_length CHECK (length(phone) <= 64),
    role text NOT NULL DEFAULT '' CONSTRAINT party_contact_role_length CHECK (length(role) <= 100)
);
CREATE INDEX party_contact_by_party ON party_contact (party_id);

-- What a supplier asks and promises for an item. Prices in minor units; breaks as (minimum, price).
-- supplier_kind is there for the foreign key: only a supplier can have terms.
CREATE TABLE supplier_term (
    supplier_id bigint NOT NULL,
    supplier_kind text NOT NULL GENERATED ALWAYS AS ('supplier') STORED,
    item_id bigint NOT NULL CONSTRAINT supplier_term_item_known REFERENCES item ON DELETE CASCADE,
    supplier_sku text NOT NULL DEFAULT '' CONSTRAINT supplier_term_sku_length
        CHECK (length(supplier_sku) <= 64),
    lead_time_days integer NOT NULL CONSTRAINT supplier_term_lead_time_range
        CHECK (lead_time_days BETWEEN 0 AND 3650),
    order_minimum bigint NOT NULL DEFAULT 1 CONSTRAINT supplier_term_minimum_range
        CHECK (order_minimum BETWEEN 1 AND 1000000000000),
    order_multiple bigint NOT NULL DEFAULT 1 CONSTRAINT supplier_term_multiple_range
        CHECK (order_multiple BETWEEN 1 AND 1000000000000),
    currency text NOT NULL CONSTRAINT supplier_term_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    preferred boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT supplier_term_pk PRIMARY KEY (supplier_id, item_id),
    CONSTRAINT supplier_term_supplier_known FOREIGN KEY (supplier_id, supplier_kind)
        REFERENCES party (party_id, kind)
);
CREATE INDEX supplier_term_by_item ON supplier_term (item_id);
CREATE UNIQUE INDEX supplier_term_one_preferred ON supplier_term (item_id) WHERE preferred;

CREATE TABLE supplier_price_break (
    supplier_id bigint NOT NULL,
    item_id bigint NOT NULL,
    quantity_minimum bigint NOT NULL CONSTRAINT supplier_price_break_minimum_range
        CHECK (quantity_minimum BETWEEN 1 AND 1000000000000),
    unit_price_minor bigint NOT NULL CONSTRAINT supplier_price_break_price_range
        CHECK (unit_price_minor BETWEEN 0 AND 1000000000000000),
    CONSTRAINT supplier_price_break_pk PRIMARY KEY (supplier_id, item_id, quantity_minimum),
    CONSTRAINT supplier_price_break_term_known FOREIGN KEY (supplier_id, item_id)
        REFERENCES supplier_term ON DELETE CASCADE
);
