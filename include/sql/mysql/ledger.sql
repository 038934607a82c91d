-- Certificates (etl_window) and watermarks.

-- name: open_certificate
INSERT INTO etl_window
    (pipeline, account, window_from, window_to, filters, purpose, run_id, verdict, started_at)
VALUES (%(pipeline)s, %(account)s, %(window_from)s, %(window_to)s, %(filters)s, %(purpose)s, %(run_id)s,
        'failed', %(started_at)s)

-- name: last_id
SELECT LAST_INSERT_ID() AS id

-- name: certificates
-- All that some certificates say.
SELECT * FROM etl_window WHERE id IN %(ids)s ORDER BY window_from DESC, account, id DESC

-- name: latest
-- The latest certificate of each window, newest window first; without what may be large, since there may be thousands.
SELECT w.id, w.account, w.window_from, w.window_to, w.filters, w.purpose, w.run_id, w.verdict
FROM etl_window AS w
JOIN (SELECT MAX(id) AS id
      FROM etl_window
      WHERE pipeline = %(pipeline)s AND (%(account)s IS NULL OR account = %(account)s)
        AND window_to > %(since)s
      GROUP BY account, window_from, window_to, filters, purpose) AS newest USING (id)
ORDER BY w.window_from DESC, w.account, w.id DESC

-- name: latest_comparison
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

-- name: missing_keys
-- What the latest certificates of a window and of its parts found missing; a try that never got so far found nothing.
SELECT w.missing_keys
FROM etl_window AS w
JOIN (SELECT MAX(id) AS id
      FROM etl_window
      WHERE pipeline = %(pipeline)s AND account = %(account)s AND filters = %(filters)s
        AND window_from >= %(window_from)s AND window_to <= %(window_to)s
        AND verdict IN ('complete', 'incomplete')
      GROUP BY window_from, window_to) AS newest USING (id)
WHERE w.verdict = 'incomplete'

-- name: start_watermark
INSERT INTO etl_watermark (pipeline, account, watermark, moved_at)
SELECT * FROM (SELECT %(pipeline)s AS pipeline, %(account)s AS account, %(watermark)s AS watermark, %(now)s AS moved_at) AS d
ON DUPLICATE KEY UPDATE pipeline = d.pipeline
