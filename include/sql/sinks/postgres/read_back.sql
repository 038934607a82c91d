-- Some rows as they are; "others" counts the values in columns that should have none.
SELECT {columns}, {others} AS others
FROM unnest(%({last})s::{type}[]) AS s ({last}) CROSS JOIN LATERAL (SELECT * FROM {table} AS x WHERE {of_key}x.{last} = s.{last} OFFSET 0) AS x
