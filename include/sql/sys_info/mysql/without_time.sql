-- Rows that no window has: their time is NULL, or 0000-00-00, which is 0. One entry of the index has them all, by key.
SELECT {key}, CAST(jdp_modified AS CHAR), jdp_hashcode
FROM {table}
WHERE jdp_modified <=> %(no_time)s AND {key} > %(after_key)s{row_filter}
ORDER BY {key}
LIMIT %(rows)s
