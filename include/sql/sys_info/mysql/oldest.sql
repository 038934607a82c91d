-- The first entry of the index on jdp_modified that is a time: before it lie NULL and 0000-00-00.
SELECT MIN(jdp_modified) AS oldest FROM {table} WHERE jdp_modified >= '1000-01-01'
