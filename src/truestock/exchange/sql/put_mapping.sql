INSERT INTO import_mapping (kind, name, mapping, actor_id, changed_at)
VALUES ($1, $2, $3::text::jsonb, $4, clock_timestamp())
ON CONFLICT ON CONSTRAINT import_mapping_pk
DO UPDATE SET mapping = excluded.mapping, actor_id = excluded.actor_id,
    changed_at = excluded.changed_at
