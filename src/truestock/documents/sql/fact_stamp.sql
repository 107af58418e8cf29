SELECT stamp FROM fact_stamp
