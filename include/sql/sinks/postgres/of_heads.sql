CROSS JOIN LATERAL (SELECT FROM {head} AS x WHERE {of_staged} AND x.etl_window_id = %(window_id)s OFFSET 0) AS h
