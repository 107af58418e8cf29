SELECT s.session_id, s.started_at, s.seen_at, s.expires_at, s.address, s.agent, /*sort*/
FROM session s
WHERE s.actor_id = :actor_id AND s.ended_at IS NULL
  AND s.expires_at > :now AND s.seen_at > :idle_since
  /*after*/
/*order*/
