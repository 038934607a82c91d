-- What is done already since a run was planned: by an earlier try of its own, or by another scheduled run.
SELECT window_from, window_to
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s AND filters = %(filters)s AND verdict = 'complete'
  AND window_from < %(window_to)s AND window_to > %(window_from)s AND started_at >= %(planned_at)s
  AND purpose = %(purpose)s AND (run_id = %(run_id)s OR purpose = 'scheduled')
ORDER BY window_from
