-- From where on it is not certain what was read, where a watermark lies in the future: some clock was ahead for a while.
SELECT MIN(window_from) AS watermark
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s AND purpose = 'scheduled' AND filters = '' AND verdict = 'complete'
  AND window_to > %(now)s
