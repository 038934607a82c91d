SELECT youshu_enqueue_order(shop, order_id) AS added
FROM youshu_order_push
WHERE shop = %(shop)s AND order_code = %(order_code)s
