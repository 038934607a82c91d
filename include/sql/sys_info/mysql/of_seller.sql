-- Whether a seller has any row: the first entry of the index on seller and time tells.
SELECT 1 AS one FROM {table} WHERE {seller} = %(nick)s LIMIT 1
