SELECT {key}, CAST({created} AS CHAR), CAST(jdp_modified AS CHAR), jdp_hashcode, {deleted},
       CAST(CONVERT(jdp_response USING utf8mb4) AS BINARY)
FROM {table}
WHERE {key} IN %(keys)s{only}
ORDER BY jdp_modified, {key}
