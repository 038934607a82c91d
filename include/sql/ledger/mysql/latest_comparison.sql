-- The latest comparison; before it one that did not come out even, until a later one that reaches back as far did.
-- Of its window neither end is bounded: it may be months long, or end where a load was stuck long ago.
SELECT id, account, window_from, window_to, filters, purpose, verdict, started_at, error,
       missing_keys AS missing_keys, rule_counts AS rule_counts
FROM etl_window AS w
WHERE pipeline = %(pipeline)s AND account = %(account)s AND purpose = 'reconcile' AND started_at > %(since)s
ORDER BY verdict <> 'complete' AND NOT EXISTS (
             SELECT 1 FROM etl_window AS l
             WHERE l.pipeline = w.pipeline AND l.account = w.account AND l.purpose = 'reconcile' AND l.id > w.id
               AND l.verdict = 'complete' AND l.started_at > %(since)s
               AND TIMESTAMPDIFF(SECOND, l.window_from, l.started_at)
                   >= TIMESTAMPDIFF(SECOND, w.window_from, w.started_at) - 3600) DESC,
         id DESC
LIMIT 1
