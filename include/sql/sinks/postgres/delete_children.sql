-- The children of the heads that were replaced just now.
DELETE FROM {child} AS c USING {stage} AS s
JOIN {head} AS h USING ({key})
WHERE h.etl_window_id = %(window_id)s AND {same_key}
