"""What handlers need: actor, problem answers, paging, request ids, limits. Holds no route."""
