UPDATE t_store_youshu_pv
SET status               = %(status)s,
    youshu_response_info = %(response)s,
    last_error           = %(error)s,
    push_num             = push_num + 1,
    reported_at          = CASE WHEN %(status)s = 1 THEN %(now)s::timestamptz ELSE reported_at END,
    last_modify_time     = %(now)s
WHERE shop = %(shop)s AND business_date = %(business_date)s AND kind = %(kind)s
