-- A page of the orders that were changed in [after_time, until), without anything that the view works out of them.
SELECT order_id AS id, changed_at
FROM youshu_order_push
WHERE shop = %(shop)s AND changed_at >= %(after_time)s AND changed_at < %(until)s
  AND (changed_at, order_id) > (%(after_time)s, %(after_id)s)
  AND order_source = ANY (%(order_sources)s)
ORDER BY changed_at, order_id
LIMIT %(limit)s
