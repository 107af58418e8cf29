UPDATE location
SET code = n.code,
    name = n.name,
    kind = n.kind,
    parent_id = n.parent_id,
    path = n.path,
    pickable = n.pickable,
    sellable = n.sellable,
    receiving = n.receiving,
    negative_allowed = n.negative_allowed,
    capacity = n.capacity,
    version = location.version + 1,
    changed_at = now()
FROM unnest(
    $1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[],
    $8::boolean[], $9::boolean[], $10::boolean[], $11::bigint[]
) AS n (
    location_id, parent_id, code, name, kind, path, pickable, sellable, receiving,
    negative_allowed, capacity
)
WHERE location.location_id = n.location_id
