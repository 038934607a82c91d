-- The end of a trouble, once: only who ends it raises that.
WITH ended AS (
    UPDATE etl_alert SET over_at = clock_timestamp()
    WHERE report = %(report)s AND shop = %(shop)s AND over_at IS NULL
    RETURNING id
)
INSERT INTO etl_alert (report, shop, business_date, began_at, kind, source, title, body, over_at)
SELECT %(report)s, %(shop)s, %(business_date)s, %(began_at)s, %(kind)s, %(source)s, %(title)s, %(body)s,
       clock_timestamp()
WHERE EXISTS (SELECT FROM ended)
ON CONFLICT DO NOTHING
RETURNING id
