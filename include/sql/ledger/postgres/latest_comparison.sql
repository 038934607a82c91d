-- Of a comparison's window neither end is bounded: it may be months long, or end where a load was stuck long ago.
SELECT id, account, window_from, window_to, filters, purpose, verdict, started_at, error,
       missing_keys::text AS missing_keys, rule_counts::text AS rule_counts
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s AND purpose = 'reconcile' AND started_at > %(since)s
ORDER BY id DESC
LIMIT 1
