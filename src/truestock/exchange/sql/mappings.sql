SELECT m.kind, m.name, m.mapping::text AS mapping, a.name AS actor_name, m.changed_at
FROM import_mapping AS m
JOIN actor AS a USING (actor_id)
WHERE $1::text IS NULL OR m.kind = $1
ORDER BY m.kind, m.name
