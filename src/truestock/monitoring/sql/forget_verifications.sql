DELETE FROM verification WHERE recorded_at < $1::timestamptz - interval '400 days'
