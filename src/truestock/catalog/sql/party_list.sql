SELECT
    p.party_id, p.kind, p.code, p.name, p.email, p.phone, p.currency, p.status, p.version,
    p.changed_at, /*sort*/
FROM party AS p
WHERE true
AND p.kind = :kind --if kind
AND p.status = :status --if status
AND (p.code ILIKE :pattern OR p.name ILIKE :pattern) --if pattern
/*after*/
/*order*/
