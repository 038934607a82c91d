-- Those whose head was not refused. Put the other way round, the planner would expect next to no head of a window
-- that it has no statistics of, and go through the stage once for each.
INSERT INTO {child} ({columns})
SELECT {staged} FROM {child_stage} AS s
WHERE NOT EXISTS (SELECT FROM {stage} AS r JOIN {head} AS h USING ({key})
                  WHERE h.etl_window_id IS DISTINCT FROM %(window_id)s AND {refused})
