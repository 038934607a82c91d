-- Whose orders the view has of some time, the shops with most orders first.
SELECT shop, order_source, COUNT(*) AS orders
FROM youshu_order
WHERE placed_at >= %(from)s AND placed_at < %(to)s
GROUP BY shop, order_source
ORDER BY orders DESC, shop, order_source
LIMIT %(limit)s
