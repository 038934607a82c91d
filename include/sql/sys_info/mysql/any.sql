-- Whether there is anything at all.
SELECT 1 AS one FROM {table} LIMIT 1
