-- The same, without what is large: enough to see what is not there yet, or there in another version.
SELECT {key}, CAST(jdp_modified AS CHAR), jdp_hashcode
FROM {table}
WHERE jdp_modified >= %(after)s AND jdp_modified < %(end)s
  AND (jdp_modified > %(after)s OR {key} > %(after_key)s){row_filter}
ORDER BY jdp_modified, {key}
LIMIT %(rows)s
