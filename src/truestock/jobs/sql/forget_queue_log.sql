DELETE FROM pgqueuer_log WHERE created < $1::timestamptz - make_interval(days => $2)
