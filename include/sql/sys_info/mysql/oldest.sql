SELECT MIN(jdp_modified) AS oldest FROM {table}
