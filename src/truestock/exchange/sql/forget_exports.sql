DELETE FROM export_file WHERE recorded_at < $1
