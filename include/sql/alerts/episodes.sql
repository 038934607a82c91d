-- The troubles of which nobody has heard yet that they are over, and what was heard of them.
SELECT shop, business_date, began_at,
       COALESCE(array_agg(kind) FILTER (WHERE sent_at IS NOT NULL), '{}') AS told
FROM etl_alert
WHERE report = %(watch)s
GROUP BY shop, business_date, began_at
HAVING COUNT(*) FILTER (WHERE kind = 'recovered' AND sent_at IS NOT NULL) = 0
ORDER BY business_date, began_at
