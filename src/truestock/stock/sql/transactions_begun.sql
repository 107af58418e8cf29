-- The number of the next transaction to begin: all that have taken an id have smaller ones.
SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint
