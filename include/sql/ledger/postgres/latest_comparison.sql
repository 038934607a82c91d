SELECT id, account, window_from, window_to, filters, purpose, verdict, started_at, error
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s AND window_from > %(earliest)s AND purpose = 'reconcile'
ORDER BY id DESC
LIMIT 1
