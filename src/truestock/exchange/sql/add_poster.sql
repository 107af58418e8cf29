INSERT INTO import_poster (fingerprint, actor_id)
VALUES ($1, $2)
ON CONFLICT ON CONSTRAINT import_poster_pk DO NOTHING
