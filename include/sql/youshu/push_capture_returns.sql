-- A page of the returns that were changed in [from, until), each enqueued unless it is known as it stands.
WITH page AS MATERIALIZED (
    SELECT return_id, changed_at
    FROM youshu_return_push
    WHERE shop = %(shop)s AND changed_at >= %(from)s AND changed_at < %(until)s
      AND (changed_at, return_id) > (%(after_time)s, %(after_id)s)
      AND order_source = ANY (%(order_sources)s)
    ORDER BY changed_at, return_id
    LIMIT %(limit)s
)
SELECT count(*) AS found, sum(youshu_enqueue_return(%(shop)s, return_id)) AS added,
       max(changed_at) AS last_time, (array_agg(return_id ORDER BY changed_at DESC, return_id DESC))[1] AS last_id
FROM page
