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
