-- A page of the orders that were changed in [from, until), each enqueued in that order, unless it is known as it stands.
WITH page AS MATERIALIZED (
    SELECT order_id, changed_at
    FROM youshu_order_push
    WHERE shop = %(shop)s AND changed_at >= %(from)s AND changed_at < %(until)s
      AND (changed_at, order_id) > (%(after_time)s, %(after_id)s)
      AND order_source = ANY (%(order_sources)s)
    ORDER BY changed_at, order_id
    LIMIT %(limit)s
), enqueued AS MATERIALIZED (
    SELECT youshu_enqueue_order(%(shop)s, order_id) AS added FROM page
)
SELECT (SELECT count(*) FROM page) AS found, (SELECT sum(added) FROM enqueued) AS added,
       last.changed_at AS last_time, last.order_id AS last_id
FROM (SELECT) AS always
LEFT JOIN LATERAL (SELECT * FROM page ORDER BY changed_at DESC, order_id DESC LIMIT 1) AS last ON true
