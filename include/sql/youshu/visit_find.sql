SELECT status, row_count, reported_at
FROM t_store_youshu_pv
WHERE shop = %(shop)s AND business_date = %(business_date)s AND kind = %(kind)s
