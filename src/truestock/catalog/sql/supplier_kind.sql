SELECT kind
FROM party
WHERE party_id = $1
FOR KEY SHARE
