-- Some rows as they are; "others" counts the values in columns that should have none.
SELECT {columns}, {others} AS others
FROM {table} AS x WHERE {of_key}x.{last} IN %({last})s
