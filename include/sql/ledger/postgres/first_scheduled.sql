-- From where on scheduled loads have read at all.
SELECT MIN(window_from) AS window_from
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s AND purpose = 'scheduled' AND filters = '' AND verdict = 'complete'
