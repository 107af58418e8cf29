-- The location and all below it, in id order. No balance can appear here until we are
-- done; a document that only names a location does not wait, for it may hold the balances.
SELECT location_id
FROM location
WHERE path = $1 OR (path ~>=~ ($1 || '/') AND path ~<~ ($1 || '0'))
ORDER BY location_id
FOR NO KEY UPDATE
