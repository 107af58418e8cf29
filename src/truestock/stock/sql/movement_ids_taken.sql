-- The last id that was given out to a movement, committed or not; 0 before the first.
SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM movement_id_seq
