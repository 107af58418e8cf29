-- Imports wait for each other, so that two files with the same new codes do not collide.
SELECT pg_advisory_xact_lock(hashtext('truestock.catalog.import'))
