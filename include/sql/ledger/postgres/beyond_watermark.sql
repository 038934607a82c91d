-- What scheduled runs have completed beyond the watermark: it stays behind where a window before that failed.
SELECT window_from, window_to, started_at
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s AND purpose = 'scheduled' AND filters = ''
  AND verdict = 'complete' AND window_from > %(watermark)s
ORDER BY window_from
