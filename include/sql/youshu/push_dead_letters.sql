SELECT id, order_id, order_code, return_code, push_type, push_num, event_time, last_modify_time AS dead_lettered_at,
       response_info
FROM t_store_youshu_request
WHERE shop = %(shop)s AND status = 5
ORDER BY id
LIMIT %(limit)s
