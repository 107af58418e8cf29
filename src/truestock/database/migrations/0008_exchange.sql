-- depends: 0002_identity
-- Owned by: exchange. One row per uploaded file. What was done of it is counted in the same
-- transaction that did it: `position` is the number of whole steps that are committed.
CREATE TABLE import_run (
    import_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT import_run_pk PRIMARY KEY,
    kind text NOT NULL CONSTRAINT import_run_kind_known CHECK (kind IN (
        'items', 'locations', 'parties', 'opening_stock', 'movements', 'deliveries')),
    file_name text NOT NULL CONSTRAINT import_run_file_name_length
        CHECK (length(file_name) BETWEEN 1 AND 255),
    content_hash bytea NOT NULL CONSTRAINT import_run_content_hash_length
        CHECK (length(content_hash) = 32),
    table_form jsonb NOT NULL,
    mapping jsonb NOT NULL,
    strict boolean NOT NULL DEFAULT false,
    state text NOT NULL DEFAULT 'uploaded' CONSTRAINT import_run_state_known
        CHECK (state IN ('uploaded', 'checked', 'applying', 'applied', 'failed')),
    rows_total integer,
    rows_accepted integer,
    rows_refused integer,
    position integer NOT NULL DEFAULT 0 CONSTRAINT import_run_position_range CHECK (position >= 0),
    counts jsonb NOT NULL DEFAULT '{}',
    failure text NOT NULL DEFAULT '',
    job_id bigint,
    actor_id bigint NOT NULL CONSTRAINT import_run_actor_known REFERENCES actor,
    recorded_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT import_run_ended_iff_over
        CHECK ((state IN ('applied', 'failed')) = (ended_at IS NOT NULL))
);
CREATE INDEX import_run_by_time ON import_run (recorded_at, import_id);
CREATE INDEX import_run_by_content ON import_run (content_hash);

CREATE TABLE import_part (
    import_id bigint NOT NULL CONSTRAINT import_part_import_known
        REFERENCES import_run ON DELETE CASCADE,
    part_number integer NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT import_part_pk PRIMARY KEY (import_id, part_number)
);
ALTER TABLE import_part ALTER COLUMN content SET STORAGE EXTERNAL;

-- Lines that were refused and why; line 0 stands for the file as a whole.
CREATE TABLE import_problem (
    import_id bigint NOT NULL CONSTRAINT import_problem_import_known
        REFERENCES import_run ON DELETE CASCADE,
    line_number integer NOT NULL,
    problem_number integer NOT NULL,
    field text NOT NULL,
    code text NOT NULL,
    message text NOT NULL,
    CONSTRAINT import_problem_pk PRIMARY KEY (import_id, line_number, problem_number)
);

-- Request keys belong to an actor. Whoever applies a content again repeats the keys of the actor
-- that applied it first, and so changes nothing.
CREATE TABLE import_poster (
    fingerprint bytea CONSTRAINT import_poster_pk PRIMARY KEY
        CONSTRAINT import_poster_fingerprint_length CHECK (length(fingerprint) = 16),
    actor_id bigint NOT NULL CONSTRAINT import_poster_actor_known REFERENCES actor
);

CREATE TABLE import_mapping (
    kind text NOT NULL CONSTRAINT import_mapping_kind_known CHECK (kind IN (
        'items', 'locations', 'parties', 'opening_stock', 'movements', 'deliveries')),
    name text NOT NULL CONSTRAINT import_mapping_name_form
        CHECK (length(name) <= 100 AND btrim(name) <> ''),
    mapping jsonb NOT NULL,
    actor_id bigint NOT NULL CONSTRAINT import_mapping_actor_known REFERENCES actor,
    changed_at timestamptz NOT NULL,
    CONSTRAINT import_mapping_pk PRIMARY KEY (kind, name)
);

-- Files of large exports, written by a job, kept for some days for the one who asked.
CREATE TABLE export_file (
    export_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT export_file_pk PRIMARY KEY,
    list_name text NOT NULL CONSTRAINT export_file_list_form CHECK (list_name ~ '^[a-z_]{1,40}$'),
    format text NOT NULL CONSTRAINT export_file_format_known
        CHECK (format IN ('csv', 'xlsx', 'parquet')),
    file_name text NOT NULL CONSTRAINT export_file_name_length
        CHECK (length(file_name) BETWEEN 1 AND 255),
    query jsonb NOT NULL,
    actor_id bigint NOT NULL CONSTRAINT export_file_actor_known REFERENCES actor,
    row_count bigint,
    byte_count bigint,
    recorded_at timestamptz NOT NULL,
    ready_at timestamptz,
    CONSTRAINT export_file_ready_is_whole CHECK (
        (ready_at IS NULL) = (row_count IS NULL) AND (ready_at IS NULL) = (byte_count IS NULL))
);
CREATE INDEX export_file_by_time ON export_file (recorded_at);

CREATE TABLE export_part (
    export_id bigint NOT NULL CONSTRAINT export_part_export_known
        REFERENCES export_file ON DELETE CASCADE,
    part_number integer NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT export_part_pk PRIMARY KEY (export_id, part_number)
);
ALTER TABLE export_part ALTER COLUMN content SET STORAGE EXTERNAL;
