SELECT
    p.party_id, p.kind, p.code, p.name, p.email, p.phone, p.address, p.currency, p.note,
    p.status, p.version, p.recorded_at, p.changed_at,
    (
        SELECT coalesce(json_agg(json_build_object(
            'name', c.name, 'email', c.email, 'phone', c.phone, 'role', c.role
        ) ORDER BY c.contact_id), '[]')::text
        FROM party_contact AS c
        WHERE c.party_id = p.party_id
    ) AS contacts
FROM party AS p
WHERE p.party_id = ANY ($1::bigint[])
OR (p.kind, p.code) IN (SELECT * FROM unnest($2::text[], $3::text[]))
