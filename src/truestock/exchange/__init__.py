"""Files in and out: imports from CSV and Excel, exports of every list."""
