UPDATE youshu_order_summary
SET doubt = %(doubt)s, last_modify_time = %(now)s
WHERE shop = %(shop)s AND business_date = %(business_date)s AND doubt IS DISTINCT FROM %(doubt)s
