-- Answers a row only if nobody has raised this before; waits for whoever raises the same at this moment, and for nobody
-- else. What lasts until it is over is there once, whenever it began.
INSERT INTO etl_alert (report, shop, business_date, began_at, kind, source, title, body, over_at)
VALUES (%(report)s, %(shop)s, %(business_date)s, %(began_at)s, %(kind)s, %(source)s, %(title)s, %(body)s,
        CASE WHEN NOT %(lasts)s THEN clock_timestamp() END)
ON CONFLICT DO NOTHING
RETURNING id
