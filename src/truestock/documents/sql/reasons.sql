SELECT reason_code, name, direction FROM reason_code ORDER BY reason_code
