SELECT location_id, code, site_id, kind, physical, status, negative_allowed, pickable, sellable
FROM location
WHERE code = ANY ($1::text[]) OR location_id = ANY ($2::bigint[])
