UPDATE party
SET code = n.code,
    name = n.name,
    email = n.email,
    phone = n.phone,
    address = n.address,
    currency = n.currency,
    note = n.note,
    version = party.version + 1,
    changed_at = now()
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::bigint[]
) AS n (code, name, email, phone, address, currency, note, party_id)
WHERE party.party_id = n.party_id
