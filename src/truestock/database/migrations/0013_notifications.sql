-- depends: 0002_identity
-- Owned by: notify.
-- What a person is told inside the application: written in the transaction of what happened, so
-- that it exists exactly if that does. `facts` are what the sentence names; the pages have the words.
CREATE TABLE notification (
    notification_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT notification_pk PRIMARY KEY,
    actor_id bigint NOT NULL CONSTRAINT notification_person_known REFERENCES actor,
    kind text NOT NULL CONSTRAINT notification_kind_form CHECK (kind ~ '^[a-z]+\.[a-z_]{1,40}$'),
    subject_id bigint NOT NULL,
    facts jsonb NOT NULL DEFAULT '{}',
    recorded_at timestamptz NOT NULL DEFAULT now(),
    read_at timestamptz
);
CREATE INDEX notification_by_person ON notification (actor_id, recorded_at, notification_id);
CREATE INDEX notification_unread ON notification (actor_id) WHERE read_at IS NULL;
CREATE INDEX notification_unread_of_subject ON notification (subject_id, kind) WHERE read_at IS NULL;
CREATE INDEX notification_by_time ON notification (recorded_at);
