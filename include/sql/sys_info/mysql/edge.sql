-- Where the next so many rows of a window end, of index entries alone; no row where there are fewer.
SELECT jdp_modified AS edge
FROM {table}
WHERE jdp_modified >= %(start)s AND jdp_modified < %(end)s
ORDER BY jdp_modified
LIMIT 1 OFFSET %(rows)s
