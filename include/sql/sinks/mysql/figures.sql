-- What a table has of the heads that were published under a certificate: rows, and of each column the values that are
-- there, their sum, and of times the extremes.
SELECT COUNT(*) AS rows_there{figures}
FROM {given} {of_heads}STRAIGHT_JOIN {table} AS x ON {of_staged}{of_window}
