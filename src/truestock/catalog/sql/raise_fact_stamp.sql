UPDATE fact_stamp
SET stamp = stamp + 1
