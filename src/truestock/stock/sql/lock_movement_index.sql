-- How far the coarse index of the ledger goes; one process extends it at a time.
SELECT movement_id FROM movement_index FOR UPDATE SKIP LOCKED
