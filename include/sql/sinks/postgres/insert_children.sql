INSERT INTO {child} ({columns})
SELECT {staged} FROM {child_stage} AS s
JOIN {head} AS h USING ({key})
WHERE h.etl_window_id = %(window_id)s
