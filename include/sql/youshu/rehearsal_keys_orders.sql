-- The keys of the orders that changed last, without anything that the view works out of them.
SELECT order_id AS id
FROM youshu_order_push
WHERE shop = %(shop)s AND changed_at >= %(from)s AND order_source = ANY (%(order_sources)s)
ORDER BY changed_at DESC, order_id DESC
LIMIT %(limit)s
