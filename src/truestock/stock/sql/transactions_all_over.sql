-- Whether every transaction with a smaller number has ended.
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= $1
