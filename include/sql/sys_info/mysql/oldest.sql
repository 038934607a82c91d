-- The first entry of the index on jdp_modified.
SELECT MIN(jdp_modified) AS oldest FROM {table}
