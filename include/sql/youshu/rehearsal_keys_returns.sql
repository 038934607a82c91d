-- The keys of the returns that changed last, without anything that the view works out of them.
SELECT return_id AS id
FROM youshu_return_push
WHERE shop = %(shop)s AND changed_at >= %(from)s AND order_source = ANY (%(order_sources)s)
ORDER BY changed_at DESC, return_id DESC
LIMIT %(limit)s
