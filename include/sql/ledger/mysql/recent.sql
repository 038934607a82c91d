-- Certificates of recent windows with another verdict than complete, and the complete ones that may have covered them.
SELECT id AS number, window_from, window_to, filters, verdict, started_at, error
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s
  AND window_from > %(earliest)s AND window_to > %(since)s
  AND purpose IN ('scheduled', 'backfill', 'manual', 'repair')
ORDER BY id
