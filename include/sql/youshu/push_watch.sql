-- What the sender says of itself, and what people must know of an order push.

-- name: seen
-- What the sender says of itself; told at every drain, and every few seconds while orders pile up.
INSERT INTO youshu_push_sender AS s (shop, seen_at, waiting, orders_per_second, last_error, last_error_at)
VALUES (%(shop)s, %(now)s, %(waiting)s, %(rate)s, %(error)s, CASE WHEN %(error)s::text IS NOT NULL THEN %(now)s END)
ON CONFLICT (shop) DO UPDATE SET
    seen_at           = excluded.seen_at,
    waiting           = excluded.waiting,
    orders_per_second = COALESCE(excluded.orders_per_second, s.orders_per_second),
    last_error        = COALESCE(excluded.last_error, s.last_error),
    last_error_at     = COALESCE(excluded.last_error_at, s.last_error_at)

-- name: review
-- What people must know of a shop's outbox: how much waits, how much of it for too long, what waits longest and what
-- was said of it, when the sender was seen last, how many rows were dead-lettered that nobody has heard of. Only index
-- entries of such rows are read. Time runs from the event, or where it was late already when it came, from then.
WITH waiting AS MATERIALIZED (
    SELECT id, CASE WHEN create_time < event_time + %(due)s THEN event_time ELSE create_time END AS since
    FROM t_store_youshu_request
    WHERE shop = %(shop)s AND status IN (0, 2, 3)
)
SELECT counted.waiting, counted.late, longest.order_code, longest.push_type, longest.since, longest.push_num,
       longest.response_info, sender.seen_at, sender.orders_per_second, untold_dead_letters.untold_dead_letters
FROM (SELECT count(*) AS waiting, count(*) FILTER (WHERE since <= %(now)s - %(alert_after)s) AS late FROM waiting) AS counted
CROSS JOIN (SELECT count(*) AS untold_dead_letters FROM t_store_youshu_request
            WHERE shop = %(shop)s AND status = 5 AND alarmed_at IS NULL) AS untold_dead_letters
LEFT JOIN youshu_push_sender AS sender ON sender.shop = %(shop)s
LEFT JOIN LATERAL (
    SELECT r.order_code, r.push_type, w.since, r.push_num, r.response_info
    FROM (SELECT id, since FROM waiting ORDER BY since, id LIMIT 1) AS w
    JOIN t_store_youshu_request AS r ON r.id = w.id
) AS longest ON true

-- name: faults
-- What faults of ours keep out of a shop's outbox, though the sender has tried again: values of single orders and
-- returns, and all else, which is the view's; how many records, since when, and the latest words.
SELECT code ~ '^(22|23|P0|0A)' AS of_values, count(DISTINCT (kind, source_id)) AS records, min(since) AS since,
       (array_agg(format('[%%s] %%s', code, error) ORDER BY id DESC))[1] AS words
FROM youshu_enqueue_fault
WHERE shop = %(shop)s AND since <= statement_timestamp() - %(fault_after)s
GROUP BY of_values

-- name: clock_ahead
-- What a clock that was ahead has left behind of late: when it was found, and in what.
SELECT what, ahead_at FROM youshu_capture
WHERE shop = %(shop)s AND ahead_at > statement_timestamp() - interval '1 hour'
ORDER BY what

-- name: not_alerted
-- Rows that were dead-lettered and that nobody has heard of; who else asks at this moment gets others.
SELECT id, order_code, push_type, response_info
FROM t_store_youshu_request
WHERE shop = %(shop)s AND status = 5 AND alarmed_at IS NULL
ORDER BY id
FOR UPDATE SKIP LOCKED

-- name: alerted
UPDATE t_store_youshu_request SET alarmed_at = %(now)s WHERE id = ANY (%(ids)s)
