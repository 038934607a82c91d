-- Waits for whoever rings the same alarm at this moment; answers a row only if it still has to be rung.
INSERT INTO etl_alert AS kept (report, shop, business_date, began_at, kind, source, title, body)
VALUES (%(report)s, %(shop)s, %(business_date)s, %(began_at)s, %(kind)s, %(source)s, %(title)s, %(body)s)
ON CONFLICT (report, shop, business_date, began_at, kind) DO UPDATE
SET title = excluded.title, body = excluded.body
WHERE kept.sent_at IS NULL
RETURNING id
