-- Only the sums that were seen: they may have been worked out anew meanwhile.
UPDATE youshu_order_summary
SET confirmed_at = %(now)s, last_modify_time = %(now)s
WHERE shop = %(shop)s AND business_date = %(business_date)s AND doubt IS NOT NULL
  AND (give_order_amount_sum, give_order_num_sum, payment_amount_sum, payed_num_sum)
      = (%(give_order_amount_sum)s, %(give_order_num_sum)s, %(payment_amount_sum)s, %(payed_num_sum)s)
RETURNING shop
