-- A page of rows behind the last one. The first bound of the time makes it a range of the index on jdp_modified; the
-- key tells apart those that share a second. Times and text come as the characters that are stored.
SELECT {key}, CAST({created} AS CHAR), CAST(jdp_modified AS CHAR), jdp_hashcode, {deleted}, jdp_response
FROM {table}
WHERE jdp_modified >= %(after)s AND jdp_modified < %(end)s
  AND (jdp_modified > %(after)s OR {key} > %(after_key)s){row_filter}
ORDER BY jdp_modified, {key}
LIMIT %(rows)s
