-- Give back keys claimed in this transaction, so that a later run tries again.
DELETE FROM request
WHERE actor_id = $1 AND request_key = ANY ($2::text[])
