INSERT INTO person (actor_id, login, email, password_hash, password_set_at, password_temporary,
                    roles, site_ids)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
