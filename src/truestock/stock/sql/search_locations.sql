-- As one types: the exact code first, then codes that start so, then codes and names that contain it
-- (three letters or more). $3 null is every site. Prefixes are ranges, so that a prepared plan uses
-- the index; candidates are bounded before they are weighed.
WITH found AS (
    SELECT location_id, 0 AS tier, 1.0::real AS nearness FROM location WHERE code = $1
    UNION ALL
    SELECT location_id, 1, 1.0 FROM location WHERE lower(code) = lower($1)
    UNION ALL
    (
        SELECT location_id, 2, 1.0 FROM location
        WHERE lower(code) ~>=~ lower($1) AND lower(code) ~<~ (lower($1) || chr(1114111))
        AND status = 'active'
        AND (site_id IS NULL OR $3::bigint[] IS NULL OR site_id = ANY ($3))
        ORDER BY lower(code) USING ~<~
        LIMIT $4::integer
    )
    UNION ALL
    SELECT location_id, 3, greatest(word_similarity($1, code), word_similarity($1, name)) FROM (
        SELECT location_id, code, name FROM location
        WHERE length($1) >= 3 AND status = 'active' AND (code ILIKE $2 OR name ILIKE $2)
        AND (site_id IS NULL OR $3::bigint[] IS NULL OR site_id = ANY ($3))
        LIMIT 200
    ) AS bounded
),
best AS (
    SELECT DISTINCT ON (location_id) location_id, tier, nearness
    FROM found
    ORDER BY location_id, tier, nearness DESC
)
SELECT l.location_id, l.code, l.name, l.path, l.kind, l.status, best.tier = 0 AS exact
FROM best
JOIN location AS l USING (location_id)
WHERE l.site_id IS NULL OR $3::bigint[] IS NULL OR l.site_id = ANY ($3)
ORDER BY best.tier, best.nearness DESC, l.code
LIMIT $4::integer
