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
    sku text NOT NULL CONSTRAINT item_sku_unique UNIQUE
        CONSTRAINT item_sku_form CHECK (length(sku) BETWEEN 1 AND 64 AND sku = btrim(sku)),
    name text NOT NULL CONSTRAINT item_name_length CHECK (length(name) BETWEEN 1 AND 300),
    description text NOT NULL DEFAULT '' CONSTRAINT item_description_length
        CHECK (length(description) <= 10000),
    base_unit text NOT NULL DEFAULT 'each' CONSTRAINT item_base_unit_length
        CHECK (length(base_unit) BETWEEN 1 AND 32),
    gtin text CONSTRAINT item_gtin_unique UNIQUE CONSTRAINT item_gtin_form
        CHECK (gtin ~ '^([0-9]{8}|[0-9]{12}|[0-9]{13}|[0-9]{14})$'),
    tracking text NOT NULL DEFAULT 'none' CONSTRAINT item_tracking_known
        CHECK (tracking IN ('none', 'lot', 'serial')),
    shelf_life_days integer CONSTRAINT item_shelf_life_positive CHECK (shelf_life_days > 0),
    currency text NOT NULL DEFAULT 'EUR' CONSTRAINT item_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    list_price_minor bigint CONSTRAINT item_list_price_not_negative CHECK (list_price_minor >= 0),
    cost_minor bigint CONSTRAINT item_cost_not_negative CHECK (cost_minor >= 0),
    picture_url text CONSTRAINT item_picture_url_form CHECK (picture_url ~ '^https?://' AND length(picture_url) <= 2000),
    status text NOT NULL DEFAULT 'active' CONSTRAINT item_status_known
        CHECK (status IN ('active', 'archived')),
    version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX item_sku_prefix ON item (lower(sku) text_pattern_ops);
CREATE INDEX item_sku_trigram ON item USING gin (sku gin_trgm_ops);
CREATE INDEX item_name_trigram ON item USING gin (name gin_trgm_ops);
CREATE INDEX item_name_order ON item (name, item_id);

-- A pack is a further unit of an item: factor base units (exact rational), maybe its own GTIN.
CREATE TABLE item_pack (
    item_id bigint NOT NULL CONSTRAINT item_pack_item_known REFERENCES item ON DELETE CASCADE,
    unit text NOT NULL CONSTRAINT item_pack_unit_length CHECK (length(unit) BETWEEN 1 AND 32),
    factor_numerator bigint NOT NULL CONSTRAINT item_pack_numerator_positive
        CHECK (factor_numerator BETWEEN 1 AND 1000000000),
    factor_denominator bigint NOT NULL DEFAULT 1 CONSTRAINT item_pack_denominator_positive
        CHECK (factor_denominator BETWEEN 1 AND 1000000000),
    gtin text CONSTRAINT item_pack_gtin_unique UNIQUE CONSTRAINT item_pack_gtin_form
        CHECK (gtin ~ '^([0-9]{8}|[0-9]{12}|[0-9]{13}|[0-9]{14})$'),
    CONSTRAINT item_pack_pk PRIMARY KEY (item_id, unit)
);

CREATE TABLE party (
    party_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT party_pk PRIMARY KEY,
    kind text NOT NULL CONSTRAINT party_kind_known CHECK (kind IN ('supplier', 'customer')),
    code text NOT NULL CONSTRAINT party_code_form CHECK (length(code) BETWEEN 1 AND 64 AND code = btrim(code)),
    name text NOT NULL CONSTRAINT party_name_length CHECK (length(name) BETWEEN 1 AND 300),
    email text CONSTRAINT party_email_length CHECK (length(email) <= 320),
    phone text CONSTRAINT party_phone_length CHECK (length(phone) <= 64),
    address text NOT NULL DEFAULT '' CONSTRAINT party_address_length CHECK (length(address) <= 2000),
    currency text NOT NULL DEFAULT 'EUR' CONSTRAINT party_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    note text NOT NULL DEFAULT '' CONSTRAINT party_note_length CHECK (length(note) <= 10000),
    status text NOT NULL DEFAULT 'active' CONSTRAINT party_status_known
        CHECK (status IN ('active', 'archived')),
    version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT party_code_unique UNIQUE (kind, code)
);

CREATE TABLE party_contact (
    contact_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT party_contact_pk PRIMARY KEY,
    party_id bigint NOT NULL CONSTRAINT party_contact_party_known REFERENCES party ON DELETE CASCADE,
    name text NOT NULL CONSTRAINT party_contact_name_length CHECK (length(name) BETWEEN 1 AND 200),
    email text CONSTRAINT party_contact_email_length CHECK (length(email) <= 320),
    phone text CONSTRAINT party_contact_phone_length CHECK (length(phone) <= 64),
    role text NOT NULL DEFAULT '' CONSTRAINT party_contact_role_length CHECK (length(role) <= 100)
);
CREATE INDEX party_contact_by_party ON party_contact (party_id);

-- What a supplier asks and promises for an item. Prices in minor units; breaks as (minimum, price).
CREATE TABLE supplier_term (
    supplier_id bigint NOT NULL CONSTRAINT supplier_term_supplier_known REFERENCES party,
    item_id bigint NOT NULL CONSTRAINT supplier_term_item_known REFERENCES item ON DELETE CASCADE,
    supplier_sku text NOT NULL DEFAULT '' CONSTRAINT supplier_term_sku_length
        CHECK (length(supplier_sku) <= 64),
    lead_time_days integer NOT NULL CONSTRAINT supplier_term_lead_time_range
        CHECK (lead_time_days BETWEEN 0 AND 3650),
    order_minimum bigint NOT NULL DEFAULT 1 CONSTRAINT supplier_term_minimum_positive
        CHECK (order_minimum BETWEEN 1 AND 1000000000000),
    order_multiple bigint NOT NULL DEFAULT 1 CONSTRAINT supplier_term_multiple_positive
        CHECK (order_multiple BETWEEN 1 AND 1000000000000),
    currency text NOT NULL CONSTRAINT supplier_term_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    preferred boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT supplier_term_pk PRIMARY KEY (supplier_id, item_id)
);
CREATE INDEX supplier_term_by_item ON supplier_term (item_id);
CREATE UNIQUE INDEX supplier_term_one_preferred ON supplier_term (item_id) WHERE preferred;

CREATE TABLE supplier_price_break (
    supplier_id bigint NOT NULL,
    item_id bigint NOT NULL,
    quantity_minimum bigint NOT NULL CONSTRAINT supplier_price_break_minimum_positive
        CHECK (quantity_minimum BETWEEN 1 AND 1000000000000),
    unit_price_minor bigint NOT NULL CONSTRAINT supplier_price_break_price_not_negative
        CHECK (unit_price_minor >= 0),
    CONSTRAINT supplier_price_break_pk PRIMARY KEY (supplier_id, item_id, quantity_minimum),
    CONSTRAINT supplier_price_break_term_known FOREIGN KEY (supplier_id, item_id)
        REFERENCES supplier_term ON DELETE CASCADE
);
