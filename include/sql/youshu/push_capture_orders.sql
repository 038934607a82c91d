-- A page of the orders that were changed in [from, until), each enqueued unless it is known as it stands.
WITH page AS MATERIALIZED (
    SELECT order_id, changed_at
    FROM youshu_order_push
    WHERE shop = %(shop)s AND changed_at >= %(from)s AND changed_at < %(until)s
      AND (changed_at, order_id) > (%(after_time)s, %(after_id)s)
      AND order_source = ANY (%(order_sources)s)
    ORDER BY changed_at, order_id
    LIMIT %(limit)s
)
SELECT count(*) AS found, sum(youshu_enqueue_order(%(shop)s, order_id)) AS added,
       max(changed_at) AS last_time, (array_agg(order_id ORDER BY changed_at DESC, order_id DESC))[1] AS last_id
FROM page
