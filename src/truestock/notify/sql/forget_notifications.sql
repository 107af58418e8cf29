DELETE FROM notification WHERE recorded_at < $1
