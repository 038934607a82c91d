-- What the source has of some keys now, without what is large.
SELECT {key}, CAST(jdp_modified AS CHAR), jdp_hashcode FROM {table} WHERE {key} IN %(keys)s{row_filter}
