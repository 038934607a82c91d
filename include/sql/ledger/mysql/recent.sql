-- Certificates of recent windows, whatever came of them; those of single rows have no length.
SELECT id, account, window_from, window_to, filters, purpose, verdict, started_at, error
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s
  AND window_from > %(earliest)s AND window_to > %(since)s AND window_from < window_to
  AND purpose IN ('scheduled', 'backfill', 'manual')
ORDER BY id
