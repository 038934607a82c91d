-- The returns that changed last and are finished, or one of them, as they would be pushed; times as of orders.
SELECT order_id, order_code, return_code, detail::text AS detail,
       CASE WHEN youshu_can_be_told(finished_at) THEN finished_at END AS finished_at
FROM youshu_return_push
WHERE shop = %(shop)s AND changed_at >= %(from)s AND finished_at < 'infinity' AND order_source = ANY (%(order_sources)s)
  AND (%(only)s::bigint IS NULL OR return_id = %(only)s)
ORDER BY changed_at DESC, return_id DESC
LIMIT %(limit)s
