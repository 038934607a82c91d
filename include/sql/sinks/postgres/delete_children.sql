-- The children of the heads that were replaced just now: of all that were staged, but for the refused.
DELETE FROM {child} AS c USING {stage} AS s
WHERE {same_key}
  AND NOT EXISTS (SELECT FROM {stage} AS r JOIN {head} AS h USING ({key})
                  WHERE h.etl_window_id IS DISTINCT FROM %(window_id)s AND {refused})
