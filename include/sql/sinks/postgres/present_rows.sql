(SELECT 1 FROM {table} AS x WHERE {of_staged} OFFSET 0)
