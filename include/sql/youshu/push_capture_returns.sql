-- A page of the returns that were changed in [from, until), each enqueued in that order, unless it is known as it stands.
WITH page AS MATERIALIZED (
    SELECT return_id, changed_at
    FROM youshu_return_push
    WHERE shop = %(shop)s AND changed_at >= %(from)s AND changed_at < %(until)s
      AND (changed_at, return_id) > (%(after_time)s, %(after_id)s)
      AND order_source = ANY (%(order_sources)s)
    ORDER BY changed_at, return_id
    LIMIT %(limit)s
), enqueued AS MATERIALIZED (
    SELECT youshu_enqueue_return(%(shop)s, return_id) AS added FROM page
)
SELECT (SELECT count(*) FROM page) AS found, (SELECT sum(added) FROM enqueued) AS added,
       last.changed_at AS last_time, last.return_id AS last_id
FROM (SELECT) AS always
LEFT JOIN LATERAL (SELECT * FROM page ORDER BY changed_at DESC, return_id DESC LIMIT 1) AS last ON true
