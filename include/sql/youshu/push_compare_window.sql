-- From when to when a shop's view is held against its outbox; no row where there is nothing to compare yet. Captured
-- orders: only what the capture has read for the last time. Enqueued ones: what the backend had a while to enqueue.
SELECT span."from", span.until
FROM youshu_push_sender AS sender
CROSS JOIN LATERAL (
    SELECT CASE WHEN %(captured)s THEN (SELECT LEAST(read_until, statement_timestamp()) FROM youshu_capture
                                        WHERE shop = %(shop)s AND what = %(what)s)
                ELSE statement_timestamp() END - %(lookback)s AS until
) AS reach
CROSS JOIN LATERAL (
    SELECT greatest(reach.until - %(days)s * interval '1 day', LEAST(sender.started_at, statement_timestamp()) - %(lookback)s) AS "from", reach.until
) AS span
WHERE sender.shop = %(shop)s AND span."from" < span.until
