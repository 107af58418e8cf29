DELETE FROM party
WHERE party_id = $1
