SELECT actor_id FROM import_poster WHERE fingerprint = $1
