-- The same for returns.
SELECT return_id AS id, changed_at
FROM youshu_return_push
WHERE shop = %(shop)s AND changed_at >= %(after_time)s AND changed_at < %(until)s
  AND (changed_at, return_id) > (%(after_time)s, %(after_id)s)
  AND order_source = ANY (%(order_sources)s)
ORDER BY changed_at, return_id
LIMIT %(limit)s
