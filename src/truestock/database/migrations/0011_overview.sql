-- Owned by: overview. depends: 0001_foundation
-- A list with its filters under a name; kept on the server, for one person or for all.
CREATE TABLE saved_view (
    view_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT saved_view_pk PRIMARY KEY,
    actor_id bigint NOT NULL CONSTRAINT saved_view_owner_known REFERENCES actor,
    page text NOT NULL CONSTRAINT saved_view_page_form CHECK (page ~ '^[a-z][a-z-]{0,39}$'),
    name text NOT NULL CONSTRAINT saved_view_name_length CHECK (length(name) BETWEEN 1 AND 80),
    query text NOT NULL CONSTRAINT saved_view_query_length CHECK (length(query) <= 2000),
    shared boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT saved_view_name_unique UNIQUE (actor_id, page, name)
);
CREATE INDEX saved_view_by_page ON saved_view (page) WHERE shared;
