-- Owned by: database (request), identity (actor).
-- Every actor (person, key, job) has one row, so that "who did it" is one number everywhere.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE actor (
    actor_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT actor_pk PRIMARY KEY,
    kind text NOT NULL CONSTRAINT actor_kind_known CHECK (kind IN ('person', 'key', 'job')),
    name text NOT NULL CONSTRAINT actor_name_length CHECK (length(name) BETWEEN 1 AND 200),
    recorded_at timestamptz NOT NULL DEFAULT now()
);

-- One row per write ever asked: the claim of its key and, in the same transaction, its answer.
-- A posting's answer is its movement; any other answer, and every refusal, is kept as JSON.
CREATE TABLE request (
    actor_id bigint NOT NULL,
    request_key text NOT NULL CONSTRAINT request_key_length
        CHECK (length(request_key) BETWEEN 1 AND 200),
    payload_hash bytea NOT NULL CONSTRAINT request_payload_hash_length
        CHECK (length(payload_hash) = 16),
    movement_id bigint,
    answer jsonb,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT request_pk PRIMARY KEY (actor_id, request_key)
) WITH (fillfactor = 80);

-- Posted facts are never changed: statement triggers refuse, at no cost per row.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only; % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END
$$;
