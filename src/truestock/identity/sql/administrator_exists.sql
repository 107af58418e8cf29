SELECT EXISTS (SELECT FROM person WHERE 'admin' = ANY (roles))
