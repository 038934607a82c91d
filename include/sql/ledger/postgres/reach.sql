-- How far one more complete window leads on from the watermark.
SELECT MAX(window_to) AS watermark
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s AND purpose = 'scheduled' AND filters = ''
  AND verdict = 'complete' AND window_from <= %(watermark)s AND window_to > %(watermark)s
