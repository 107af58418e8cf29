-- One process extends the chain at a time; another one comes back later.
SELECT pg_try_advisory_xact_lock(hashtext('truestock ledger seal'))
