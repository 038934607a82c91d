SELECT status, reported_at, weixin_response_info, row_count
FROM t_store_youshu_pv
WHERE shop = %(shop)s AND business_date = %(business_date)s AND kind = %(kind)s
FOR UPDATE
