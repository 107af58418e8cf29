-- depends: 0001_foundation
-- Owned by: identity. Roles and their permissions are a table in code; who has which is here.
-- `site_ids` null is everywhere. Secrets are kept only as hashes.
CREATE UNIQUE INDEX actor_job_name_unique ON actor (name) WHERE kind = 'job';

CREATE TABLE person (
    actor_id bigint CONSTRAINT person_pk PRIMARY KEY CONSTRAINT person_actor_known REFERENCES actor,
    login text NOT NULL CONSTRAINT person_login_unique UNIQUE
        CONSTRAINT person_login_form CHECK (login ~ '^[a-z0-9][a-z0-9._@+-]{1,99}$'),
    email text CONSTRAINT person_email_length CHECK (length(email) BETWEEN 3 AND 320),
    password_hash text NOT NULL,
    password_set_at timestamptz NOT NULL,
    password_temporary boolean NOT NULL DEFAULT false,
    roles text[] NOT NULL CONSTRAINT person_roles_known CHECK (roles <@ ARRAY[
        'admin', 'manager', 'operator', 'dispatcher', 'biller', 'buyer', 'accountant', 'viewer']),
    site_ids bigint[] CONSTRAINT person_site_ids_not_empty CHECK (cardinality(site_ids) > 0),
    status text NOT NULL DEFAULT 'active' CONSTRAINT person_status_known
        CHECK (status IN ('active', 'inactive')),
    signed_in_at timestamptz,
    version integer NOT NULL DEFAULT 1
);

-- One row per name that was tried, known or not, so that a lock tells nothing about who exists.
CREATE TABLE sign_in_attempt (
    login_hash bytea CONSTRAINT sign_in_attempt_pk PRIMARY KEY
        CONSTRAINT sign_in_attempt_hash_length CHECK (length(login_hash) = 32),
    failures integer NOT NULL,
    last_at timestamptz NOT NULL
);
CREATE INDEX sign_in_attempt_by_time ON sign_in_attempt (last_at);

CREATE TABLE session (
    session_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT session_pk PRIMARY KEY,
    actor_id bigint NOT NULL CONSTRAINT session_person_known REFERENCES person,
    token_hash bytea NOT NULL CONSTRAINT session_token_hash_unique UNIQUE
        CONSTRAINT session_token_hash_length CHECK (length(token_hash) = 32),
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    address text NOT NULL DEFAULT '',
    agent text NOT NULL DEFAULT '' CONSTRAINT session_agent_length CHECK (length(agent) <= 300)
);
CREATE INDEX session_open_by_actor ON session (actor_id) WHERE ended_at IS NULL;

-- The actor stays the same when the secret is rotated; the old secret is good until a moment.
CREATE TABLE api_key (
    actor_id bigint CONSTRAINT api_key_pk PRIMARY KEY
        CONSTRAINT api_key_actor_known REFERENCES actor,
    prefix text NOT NULL CONSTRAINT api_key_prefix_unique UNIQUE
        CONSTRAINT api_key_prefix_form CHECK (prefix ~ '^[a-z0-9]{10}$'),
    secret_hash bytea NOT NULL CONSTRAINT api_key_secret_hash_length
        CHECK (length(secret_hash) = 32),
    previous_secret_hash bytea CONSTRAINT api_key_previous_hash_length
        CHECK (length(previous_secret_hash) = 32),
    previous_valid_until timestamptz,
    scopes text[] NOT NULL CONSTRAINT api_key_scopes_not_empty CHECK (cardinality(scopes) > 0),
    site_ids bigint[] CONSTRAINT api_key_site_ids_not_empty CHECK (cardinality(site_ids) > 0),
    created_by bigint NOT NULL CONSTRAINT api_key_creator_known REFERENCES actor,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT api_key_previous_is_whole
        CHECK ((previous_secret_hash IS NULL) = (previous_valid_until IS NULL))
);

CREATE TABLE role_request (
    role_request_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT role_request_pk PRIMARY KEY,
    actor_id bigint NOT NULL CONSTRAINT role_request_person_known REFERENCES person,
    role text NOT NULL,
    reason text NOT NULL CONSTRAINT role_request_reason_length CHECK (length(reason) <= 1000),
    status text NOT NULL DEFAULT 'open' CONSTRAINT role_request_status_known
        CHECK (status IN ('open', 'granted', 'refused')),
    asked_at timestamptz NOT NULL,
    answered_by bigint CONSTRAINT role_request_answerer_known REFERENCES actor,
    answered_at timestamptz,
    answer_note text NOT NULL DEFAULT '' CONSTRAINT role_request_note_length
        CHECK (length(answer_note) <= 1000),
    CONSTRAINT role_request_answer_is_whole CHECK (
        (status = 'open') = (answered_by IS NULL) AND (status = 'open') = (answered_at IS NULL))
);
CREATE UNIQUE INDEX role_request_one_open ON role_request (actor_id, role) WHERE status = 'open';

-- Who did what to what, before and after, from where, in which request. Never changed.
CREATE TABLE audit_event (
    audit_event_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_event_pk PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    actor_id bigint CONSTRAINT audit_event_actor_known REFERENCES actor,
    action text NOT NULL CONSTRAINT audit_event_action_form
        CHECK (action ~ '^[a-z_]{1,40}\.[a-z_]{1,40}$'),
    subject_kind text NOT NULL CONSTRAINT audit_event_subject_kind_form
        CHECK (subject_kind ~ '^[a-z_]{1,40}$'),
    subject_id bigint,
    before jsonb,
    after jsonb,
    address text NOT NULL,
    request_id text NOT NULL
);
CREATE INDEX audit_event_by_time ON audit_event (occurred_at, audit_event_id);
CREATE INDEX audit_event_by_actor ON audit_event (actor_id, occurred_at, audit_event_id);
CREATE INDEX audit_event_by_subject ON audit_event (subject_kind, subject_id, occurred_at);

CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
