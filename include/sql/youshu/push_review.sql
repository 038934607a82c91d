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
