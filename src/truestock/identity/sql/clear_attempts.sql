DELETE FROM sign_in_attempt WHERE login_hash = $1
