-- All that lies below a path gets a new beginning. The slash and what sorts right after it bound
-- the range, so that nothing in a code is taken for a pattern.
UPDATE location
SET path = $2 || substr(path, length($1) + 1)
WHERE path ~>=~ ($1 || '/') AND path ~<~ ($1 || '0')
