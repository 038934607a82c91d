-- What a table has of the heads that were published under a certificate: rows, and of each column the values that are
-- there, their sum, and of times the extremes. Each head is looked up by its key, as in the proof.
SELECT COUNT(*) AS rows_there{figures}
FROM {given} {of_heads}CROSS JOIN LATERAL (SELECT {columns} FROM {table} AS x WHERE {of_staged}{of_window} OFFSET 0) AS c
