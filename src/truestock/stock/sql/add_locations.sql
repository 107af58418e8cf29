-- Ids come from the caller, so that parents and children go in together.
INSERT INTO location (
    location_id, site_id, parent_id, code, name, kind, path, pickable, sellable, receiving,
    negative_allowed, capacity
)
OVERRIDING SYSTEM VALUE
SELECT *
FROM unnest(
    $1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::boolean[], $9::boolean[], $10::boolean[], $11::boolean[], $12::bigint[]
)
