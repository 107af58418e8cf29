-- The bytes of old imports; what was done and refused stays to be read.
DELETE FROM import_part
USING import_run
WHERE import_run.import_id = import_part.import_id
    AND import_run.recorded_at < $1
    AND import_run.state <> 'applying'
