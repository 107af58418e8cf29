-- depends: 0009_jobs
-- Owned by: monitoring.
-- Every run of all invariants, so that the age and the result of the last proof can be shown.
CREATE TABLE verification (
    verification_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT verification_pk PRIMARY KEY,
    recorded_at timestamptz NOT NULL,
    seconds double precision NOT NULL CONSTRAINT verification_seconds_not_negative
        CHECK (seconds >= 0),
    rules integer NOT NULL CONSTRAINT verification_rules_not_negative CHECK (rules >= 0),
    broken jsonb NOT NULL
);
CREATE INDEX verification_by_time ON verification (recorded_at DESC);
