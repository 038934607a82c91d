-- These are on their way now, until they are recorded; not recorded until «lease_end», nobody knows what became of them.
UPDATE t_store_youshu_request AS r
SET claimed_by       = %(claim)s,
    next_push_at     = %(lease_end)s,
    push_num         = push_num + 1,
    last_modify_time = %(now)s
WHERE id = ANY (%(ids)s)
RETURNING id, order_id, order_code, push_type, push_num, event_time, return_code, request_info,
          COALESCE((SELECT k.request_info = r.request_info
                    FROM (SELECT shop, id, status, return_code, course, state_rank, request_info
                          FROM t_store_youshu_request WHERE order_id = r.order_id OFFSET 0) AS k
                    WHERE k.shop = r.shop AND k.status = 1 AND k.return_code IS NULL
                    ORDER BY k.course DESC, k.state_rank DESC, k.id DESC LIMIT 1), false) AS content_known
