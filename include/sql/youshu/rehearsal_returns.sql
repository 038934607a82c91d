-- The returns that changed last and are finished, as they would be pushed.
SELECT order_id, order_code, return_code, finished_at, detail::text AS detail
FROM youshu_return_push
WHERE shop = %(shop)s AND changed_at >= %(from)s AND finished_at IS NOT NULL AND order_source = ANY (%(order_sources)s)
ORDER BY changed_at DESC, return_id DESC
LIMIT %(limit)s
