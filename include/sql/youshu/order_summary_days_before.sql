-- What the days before came to, as they were reported.
SELECT give_order_amount_sum, give_order_num_sum, payment_amount_sum, payed_num_sum
FROM youshu_order_summary
WHERE shop = %(shop)s AND status = 1
  AND business_date >= %(business_date)s - %(days)s AND business_date < %(business_date)s
