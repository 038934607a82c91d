-- The children of the heads that were replaced just now.
DELETE c FROM {stage} AS s
JOIN {head} AS h USING ({key})
JOIN {child} AS c USING ({key})
WHERE h.etl_window_id = %(window_id)s
