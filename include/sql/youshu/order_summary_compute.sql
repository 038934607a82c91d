-- A day's sums by the definitions of Youshu's add_order_sum page. The window is half-open.
SELECT COALESCE(SUM(payment_amount) FILTER (WHERE placed_at >= %(from)s AND placed_at < %(to)s), 0)
                                                                           AS give_order_amount_sum,
       COUNT(*) FILTER (WHERE placed_at >= %(from)s AND placed_at < %(to)s) AS give_order_num_sum,
       COALESCE(SUM(payment_amount) FILTER (WHERE paid_at >= %(from)s AND paid_at < %(to)s), 0)
                                                                           AS payment_amount_sum,
       COUNT(*) FILTER (WHERE paid_at >= %(from)s AND paid_at < %(to)s)     AS payed_num_sum
FROM youshu_order
WHERE shop = %(shop)s
  AND order_source = ANY(%(order_sources)s)
  AND (placed_at >= %(from)s AND placed_at < %(to)s OR paid_at >= %(from)s AND paid_at < %(to)s)
