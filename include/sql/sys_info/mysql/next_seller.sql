-- The seller behind another one: one entry of the index on seller and time, however many rows a seller has.
SELECT {seller} FROM {table} WHERE {seller} > %(after)s ORDER BY {seller} LIMIT 1
