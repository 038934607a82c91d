-- Which certificate speaks of the rows of some keys: who writes one anew writes another number.
SELECT {key} AS key, COALESCE(etl_window_id, 0) AS origin FROM {head} WHERE {key} = ANY (%(keys)s)
