-- Whether the view has an order of a shop in some time.
SELECT EXISTS (SELECT FROM youshu_order
               WHERE shop = %(shop)s AND order_source = ANY(%(order_sources)s)
                 AND placed_at >= %(from)s AND placed_at < %(to)s) AS has_orders
