INSERT INTO party (kind, code, name, email, phone, address, currency, note)
SELECT *
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]
) AS n (kind, code, name, email, phone, address, currency, note)
ORDER BY kind, code
RETURNING party_id, kind, code
