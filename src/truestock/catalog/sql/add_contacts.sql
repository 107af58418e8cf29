INSERT INTO party_contact (party_id, name, email, phone, role)
SELECT *
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])
