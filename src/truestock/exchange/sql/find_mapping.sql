SELECT mapping::text AS mapping FROM import_mapping WHERE kind = $1 AND name = $2
