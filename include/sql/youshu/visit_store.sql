-- A reported day keeps the reply that was reported, unless it is forced: two runs at once must not make it pending.
-- Not even force puts an empty list in the place of a reply that was reported.
INSERT INTO t_store_youshu_pv AS kept
    (shop, business_date, kind, weixin_response_info, row_count, pull_num, last_error, create_date, last_modify_time)
VALUES (%(shop)s, %(business_date)s, %(kind)s, %(reply)s, %(row_count)s, 1, %(error)s, %(now)s, %(now)s)
ON CONFLICT (shop, business_date, kind) DO UPDATE
SET weixin_response_info = excluded.weixin_response_info,
    row_count            = excluded.row_count,
    status               = 0,
    pull_num             = kept.pull_num + 1,
    last_error           = excluded.last_error,
    last_modify_time     = excluded.last_modify_time
WHERE kept.status <> 1 OR %(force)s AND excluded.row_count > 0
