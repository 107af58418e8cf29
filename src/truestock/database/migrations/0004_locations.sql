-- Owned by: stock. depends: 0003_catalog
CREATE TABLE site (
    site_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT site_pk PRIMARY KEY,
    code text NOT NULL CONSTRAINT site_code_unique UNIQUE
        CONSTRAINT site_code_form CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$'),
    name text NOT NULL CONSTRAINT site_name_length CHECK (length(name) BETWEEN 1 AND 200),
    time_zone text NOT NULL DEFAULT 'UTC',
    address text NOT NULL DEFAULT '' CONSTRAINT site_address_length CHECK (length(address) <= 2000),
    status text NOT NULL DEFAULT 'active' CONSTRAINT site_status_known
        CHECK (status IN ('active', 'inactive')),
    version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT now()
);

-- Physical places belong to a site; virtual ones (supplier, customer, adjustment, scrap, production)
-- belong to none and may hold negative stock: they are the other side of the double entry.
CREATE TABLE location (
    location_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT location_pk PRIMARY KEY,
    site_id bigint CONSTRAINT location_site_known REFERENCES site,
    parent_id bigint CONSTRAINT location_parent_known REFERENCES location,
    code text NOT NULL CONSTRAINT location_code_unique UNIQUE
        CONSTRAINT location_code_form CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$'),
    name text NOT NULL DEFAULT '' CONSTRAINT location_name_length CHECK (length(name) <= 200),
    kind text NOT NULL CONSTRAINT location_kind_known CHECK (kind IN (
        'zone', 'aisle', 'bin', 'dock', 'stage', 'transit',
        'supplier', 'customer', 'adjustment', 'scrap', 'production')),
    physical boolean NOT NULL GENERATED ALWAYS AS
        (kind IN ('zone', 'aisle', 'bin', 'dock', 'stage', 'transit')) STORED,
    path text NOT NULL CONSTRAINT location_path_unique UNIQUE,
    pickable boolean NOT NULL DEFAULT true,
    sellable boolean NOT NULL DEFAULT true,
    receiving boolean NOT NULL DEFAULT true,
    negative_allowed boolean NOT NULL DEFAULT false,
    capacity bigint CONSTRAINT location_capacity_positive CHECK (capacity > 0),
    status text NOT NULL DEFAULT 'active' CONSTRAINT location_status_known
        CHECK (status IN ('active', 'inactive')),
    version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT location_site_iff_physical CHECK ((site_id IS NOT NULL) = physical),
    CONSTRAINT location_not_own_parent CHECK (parent_id <> location_id),
    CONSTRAINT location_virtual_has_no_parent CHECK (physical OR parent_id IS NULL)
);
CREATE INDEX location_by_site ON location (site_id, path);
CREATE INDEX location_by_parent ON location (parent_id);
CREATE INDEX location_path_prefix ON location (path text_pattern_ops);

INSERT INTO location (code, name, kind, path, pickable, sellable, receiving) VALUES
    ('SUPPLIER', 'Suppliers', 'supplier', '/SUPPLIER', false, false, false),
    ('CUSTOMER', 'Customers', 'customer', '/CUSTOMER', false, false, false),
    ('ADJUSTMENT', 'Adjustments', 'adjustment', '/ADJUSTMENT', false, false, false),
    ('SCRAP', 'Scrap', 'scrap', '/SCRAP', false, false, false),
    ('PRODUCTION', 'Production', 'production', '/PRODUCTION', false, false, false);
