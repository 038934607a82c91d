-- What the latest certificates of a window and of its parts found missing; a try that never got so far found nothing.
SELECT w.missing_keys::text
FROM etl_window AS w
JOIN (SELECT MAX(id) AS id
      FROM etl_window
      WHERE pipeline = %(pipeline)s AND account = %(account)s AND filters = %(filters)s
        AND window_from >= %(window_from)s AND window_to <= %(window_to)s
        AND verdict IN ('complete', 'incomplete')
      GROUP BY window_from, window_to) AS newest USING (id)
WHERE w.verdict = 'incomplete'
