INSERT INTO document_threshold (type, currency, value_minor)
SELECT $1, currency, value_minor
FROM unnest($2::text[], $3::bigint[]) AS t (currency, value_minor)
