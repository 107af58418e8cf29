SELECT
    current_setting('server_version') AS server_version,
    NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off' AS writable,
    pg_database_size(current_database()) AS size_bytes,
    (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections,
    current_setting('max_connections')::integer AS connections_max,
    current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off' AS durable
