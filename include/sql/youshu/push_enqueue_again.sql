-- Every state that an order has reached once more, as it is now, in their order.
INSERT INTO t_store_youshu_request
    (shop, order_id, order_code, order_source, push_type, event_time, total, request_info, course)
SELECT o.shop, o.order_id, o.order_code, o.order_source, s.push_type, s.event_time, o.total, o.detail::text, s.course
FROM youshu_order_push AS o
CROSS JOIN LATERAL youshu_states_to_enqueue(
    o.shop, o.order_id, ARRAY[o.created_at, o.cancelled_unpaid_at, o.paid_at, o.cancelled_paid_at, o.shipped_at,
                              o.finished_at], o.detail::text, true) AS s
WHERE o.shop = %(shop)s AND o.order_id = %(order_id)s
ORDER BY s.rank
RETURNING id
