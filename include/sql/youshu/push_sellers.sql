-- Whose orders the view has that were changed within so many days, the shops with most orders first.
SELECT shop, order_source, count(*) AS orders
FROM youshu_order_push
WHERE changed_at >= statement_timestamp() - %(days)s * interval '1 day'
GROUP BY shop, order_source
ORDER BY orders DESC, shop, order_source
LIMIT %(limit)s
