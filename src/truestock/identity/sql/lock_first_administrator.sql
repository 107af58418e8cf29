-- One at a time: two commands at once must not both find nobody.
SELECT pg_advisory_xact_lock(hashtextextended('truestock first administrator', 0))
