-- What is done already: by the same run, so that its next try goes on where the last one was, or by another scheduled
-- run since this one was planned.
SELECT window_from, window_to
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s AND filters = %(filters)s AND verdict = 'complete'
  AND window_from < %(window_to)s AND window_to > %(window_from)s
  AND (run_id = %(run_id)s AND purpose = %(purpose)s
       OR %(purpose)s = 'scheduled' AND purpose = 'scheduled' AND started_at >= %(planned_at)s)
ORDER BY window_from
