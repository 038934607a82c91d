-- The latest certificate of each window, newest window first; without what may be large, since there may be thousands.
SELECT w.id, w.account, w.window_from, w.window_to, w.filters, w.purpose, w.run_id, w.verdict
FROM etl_window AS w
JOIN (SELECT MAX(id) AS id
      FROM etl_window
      WHERE pipeline = %(pipeline)s AND (%(account)s::text IS NULL OR account = %(account)s)
        AND window_to > %(since)s
      GROUP BY account, window_from, window_to, filters, purpose) AS newest USING (id)
ORDER BY w.window_from DESC, w.account, w.id DESC
