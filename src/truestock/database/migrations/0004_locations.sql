-- Owned by: stock. depends: 0003_catalog
CREATE TABLE site (
    site_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT site_pk PRIMARY KEY,
    code text NOT NULL CONSTRAINT site_code_unique UNIQUE
        CONSTRAINT site_code_form CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$'),
    name text NOT NULL CONSTRAINT site_name_form
        CHECK (length(name) <= 200 AND btrim(name) <> ''),
    time_zone text NOT NULL DEFAULT 'UTC' CONSTRAINT site_time_zone_form
        CHECK (time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$'),
    address text NOT NULL DEFAULT '' CONSTRAINT site_address_length CHECK (length(address) <= 2000),
    status text NOT NULL DEFAULT 'active' CONSTRAINT site_status_known
        CHECK (status IN ('active', 'inactive')),
    version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- Physical places belong to a site; virtual ones (supplier, customer, adjustment, scrap, production)
-- belong to none and may hold negative stock: they are the other side of the double entry.
-- The path is the site's code and the codes from the top down to here; codes hold no slash. Virtual
-- ones lie under ~, which no site can be called.
CREATE TABLE location (
    location_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT location_pk PRIMARY KEY,
    site_id bigint CONSTRAINT location_site_known REFERENCES site,
    parent_id bigint,
    code text NOT NULL CONSTRAINT location_code_unique UNIQUE
        CONSTRAINT location_code_form CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    name text NOT NULL DEFAULT '' CONSTRAINT location_name_length CHECK (length(name) <= 200),
    kind text NOT NULL CONSTRAINT location_kind_known CHECK (kind IN (
        'zone', 'aisle', 'bin', 'dock', 'stage', 'transit',
        'supplier', 'customer', 'adjustment', 'scrap', 'production')),
    physical boolean NOT NULL GENERATED ALWAYS AS
        (kind IN ('zone', 'aisle', 'bin', 'dock', 'stage', 'transit')) STORED,
    path text NOT NULL CONSTRAINT location_path_unique UNIQUE
        CONSTRAINT location_path_length CHECK (length(path) <= 1000)
        CONSTRAINT location_path_ends_in_code CHECK (right(path, length(code) + 1) = '/' || code),
    pickable boolean NOT NULL DEFAULT true,
    sellable boolean NOT NULL DEFAULT true,
    receiving boolean NOT NULL DEFAULT true,
    negative_allowed boolean NOT NULL DEFAULT false,
    capacity bigint CONSTRAINT location_capacity_range
        CHECK (capacity BETWEEN 1 AND 1000000000000),
    status text NOT NULL DEFAULT 'active' CONSTRAINT location_status_known
        CHECK (status IN ('active', 'inactive')),
    version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT location_site_key UNIQUE (location_id, site_id),
    CONSTRAINT location_parent_known FOREIGN KEY (parent_id, site_id)
        REFERENCES location (location_id, site_id),
    CONSTRAINT location_site_iff_physical CHECK ((site_id IS NOT NULL) = physical),
    CONSTRAINT location_not_own_parent CHECK (parent_id <> location_id),
    CONSTRAINT location_virtual_is_plain CHECK
        (physical OR (parent_id IS NULL AND NOT pickable AND NOT sellable AND NOT receiving))
);
CREATE INDEX location_by_site ON location (site_id, path);
CREATE INDEX location_by_parent ON location (parent_id);
CREATE INDEX location_path_prefix ON location (path text_pattern_ops);
CREATE INDEX location_code_prefix ON location (lower(code) text_pattern_ops);
CREATE INDEX location_code_trigram ON location USING gin (code gin_trgm_ops);
CREATE INDEX location_name_trigram ON location USING gin (name gin_trgm_ops);

INSERT INTO location (code, name, kind, path, pickable, sellable, receiving) VALUES
    ('SUPPLIER', 'Suppliers', 'supplier', '/~/SUPPLIER', false, false, false),
    ('CUSTOMER', 'Customers', 'customer', '/~/CUSTOMER', false, false, false),
    ('ADJUSTMENT', 'Adjustments', 'adjustment', '/~/ADJUSTMENT', false, false, false),
    ('SCRAP', 'Scrap', 'scrap', '/~/SCRAP', false, false, false),
    ('PRODUCTION', 'Production', 'production', '/~/PRODUCTION', false, false, false);

-- What posted quantities mean must not change under them. Balances stay for ever, so one balance
-- tells that an item has moved; the lock keeps the first one from appearing at the same moment.
CREATE FUNCTION refuse_change_of_moved_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM item WHERE item_id = OLD.item_id FOR UPDATE;
    IF EXISTS (SELECT 1 FROM balance WHERE item_id = OLD.item_id) THEN
        RAISE EXCEPTION 'item % has moved', OLD.item_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'item_fixed_once_moved';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER item_fixed_once_moved BEFORE UPDATE OF base_unit, tracking ON item
    FOR EACH ROW WHEN (OLD.base_unit <> NEW.base_unit OR OLD.tracking <> NEW.tracking)
    EXECUTE FUNCTION refuse_change_of_moved_item();
