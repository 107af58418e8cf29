DELETE FROM party_contact
WHERE party_id = ANY ($1::bigint[])
