UPDATE actor SET name = $2 WHERE actor_id = $1
