-- As one types: the exact code first, then codes that start so, then codes and names that contain
-- it, then those that nearly do. Trigrams need three letters. $4 null is every site.
WITH found AS (
    SELECT location_id, 0 AS tier, 1.0::real AS nearness FROM location WHERE code = $1
    UNION ALL
    SELECT location_id, 1, 1.0 FROM location WHERE lower(code) = lower($1)
    UNION ALL
    SELECT location_id, 2, 1.0 FROM (
        SELECT location_id FROM location
        WHERE lower(code) LIKE lower($2) AND status = 'active'
        AND (site_id IS NULL OR $4::bigint[] IS NULL OR site_id = ANY ($4))
        ORDER BY lower(code) USING ~<~
        LIMIT $5
    ) AS starting
    UNION ALL
    (
        SELECT location_id, 3, greatest(word_similarity($1, code), word_similarity($1, name))
        FROM location
        WHERE length($1) >= 3 AND status = 'active'
        AND (code ILIKE $3 OR name ILIKE $3 OR $1 <% code OR $1 <% name)
        AND (site_id IS NULL OR $4::bigint[] IS NULL OR site_id = ANY ($4))
        ORDER BY 3 DESC, code
        LIMIT $5
    )
),
best AS (
    SELECT DISTINCT ON (location_id) location_id, tier, nearness
    FROM found
    ORDER BY location_id, tier, nearness DESC
)
SELECT l.location_id, l.code, l.name, l.path, l.kind, l.status, best.tier = 0 AS exact
FROM best
JOIN location AS l USING (location_id)
WHERE l.site_id IS NULL OR $4::bigint[] IS NULL OR l.site_id = ANY ($4)
ORDER BY best.tier, best.nearness DESC, l.code
LIMIT $5
