-- A day of orders in youshu_order_summary: summed up from the view youshu_order, reported to Youshu.

-- name: compute
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

-- name: store
-- A day whose sums changed since they were reported is pending again: that is how a correction gets out. What was said of
-- the sums before says nothing of these.
INSERT INTO youshu_order_summary AS kept
    (shop, business_date, give_order_amount_sum, give_order_num_sum, payment_amount_sum, payed_num_sum,
     create_date, last_modify_time)
VALUES (%(shop)s, %(business_date)s,
        %(give_order_amount_sum)s, %(give_order_num_sum)s, %(payment_amount_sum)s, %(payed_num_sum)s,
        %(now)s, %(now)s)
ON CONFLICT (shop, business_date) DO UPDATE
SET give_order_amount_sum = excluded.give_order_amount_sum,
    give_order_num_sum    = excluded.give_order_num_sum,
    payment_amount_sum    = excluded.payment_amount_sum,
    payed_num_sum         = excluded.payed_num_sum,
    status                = 0,
    doubt                 = NULL,
    confirmed_at          = NULL,
    last_modify_time      = excluded.last_modify_time
WHERE (kept.give_order_amount_sum, kept.give_order_num_sum, kept.payment_amount_sum, kept.payed_num_sum)
      IS DISTINCT FROM
      (excluded.give_order_amount_sum, excluded.give_order_num_sum,
       excluded.payment_amount_sum, excluded.payed_num_sum)

-- name: find
SELECT status, reported_at, doubt, confirmed_at,
       give_order_amount_sum, give_order_num_sum, payment_amount_sum, payed_num_sum
FROM youshu_order_summary
WHERE shop = %(shop)s AND business_date = %(business_date)s

-- name: days_before
-- What the days before came to, as they were reported.
SELECT give_order_amount_sum, give_order_num_sum, payment_amount_sum, payed_num_sum
FROM youshu_order_summary
WHERE shop = %(shop)s AND status = 1
  AND business_date >= %(business_date)s - %(days)s AND business_date < %(business_date)s

-- name: has_orders
-- Whether the view has an order of a shop in some time.
SELECT EXISTS (SELECT FROM youshu_order
               WHERE shop = %(shop)s AND order_source = ANY(%(order_sources)s)
                 AND placed_at >= %(from)s AND placed_at < %(to)s) AS has_orders

-- name: sellers
-- Whose orders the view has of some time, the shops with most orders first.
SELECT shop, order_source, COUNT(*) AS orders
FROM youshu_order
WHERE placed_at >= %(from)s AND placed_at < %(to)s
GROUP BY shop, order_source
ORDER BY orders DESC, shop, order_source
LIMIT %(limit)s

-- name: doubt
UPDATE youshu_order_summary
SET doubt = %(doubt)s, last_modify_time = %(now)s
WHERE shop = %(shop)s AND business_date = %(business_date)s AND doubt IS DISTINCT FROM %(doubt)s

-- name: confirm
-- Only the sums that were seen: they may have been worked out anew meanwhile.
UPDATE youshu_order_summary
SET confirmed_at = %(now)s, last_modify_time = %(now)s
WHERE shop = %(shop)s AND business_date = %(business_date)s AND doubt IS NOT NULL
  AND (give_order_amount_sum, give_order_num_sum, payment_amount_sum, payed_num_sum)
      = (%(give_order_amount_sum)s, %(give_order_num_sum)s, %(payment_amount_sum)s, %(payed_num_sum)s)
RETURNING shop

-- name: lock
SELECT status, reported_at,
       give_order_amount_sum, give_order_num_sum, payment_amount_sum, payed_num_sum
FROM youshu_order_summary
WHERE shop = %(shop)s AND business_date = %(business_date)s
FOR UPDATE

-- name: record
UPDATE youshu_order_summary
SET status           = %(status)s,
    request_info     = %(request)s,
    response_info    = %(response)s,
    last_error       = %(error)s,
    push_num         = push_num + 1,
    reported_at      = CASE WHEN %(status)s = 1 THEN %(now)s::timestamptz ELSE reported_at END,
    last_modify_time = %(now)s
WHERE shop = %(shop)s AND business_date = %(business_date)s
