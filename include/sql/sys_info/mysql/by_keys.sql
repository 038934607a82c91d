SELECT {key}, CAST({created} AS CHAR), CAST(jdp_modified AS CHAR), jdp_hashcode, {deleted}, jdp_response
FROM {table}
WHERE {key} IN %(keys)s{row_filter}
ORDER BY jdp_modified, {key}
