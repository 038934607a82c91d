-- A day of visits in t_store_youshu_pv: pulled from WeChat, reported to Youshu.

-- name: find
SELECT status, row_count, reported_at
FROM t_store_youshu_pv
WHERE shop = %(shop)s AND business_date = %(business_date)s AND kind = %(kind)s

-- name: store
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

-- name: pull_failed
INSERT INTO t_store_youshu_pv AS kept
    (shop, business_date, kind, pull_num, last_error, create_date, last_modify_time)
VALUES (%(shop)s, %(business_date)s, %(kind)s, 1, %(error)s, %(now)s, %(now)s)
ON CONFLICT (shop, business_date, kind) DO UPDATE
SET pull_num         = kept.pull_num + 1,
    last_error       = excluded.last_error,
    last_modify_time = excluded.last_modify_time
WHERE kept.status <> 1

-- name: lock
SELECT status, reported_at, weixin_response_info, row_count
FROM t_store_youshu_pv
WHERE shop = %(shop)s AND business_date = %(business_date)s AND kind = %(kind)s
FOR UPDATE

-- name: record
UPDATE t_store_youshu_pv
SET status               = %(status)s,
    youshu_response_info = %(response)s,
    last_error           = %(error)s,
    push_num             = push_num + 1,
    reported_at          = CASE WHEN %(status)s = 1 THEN %(now)s::timestamptz ELSE reported_at END,
    last_modify_time     = %(now)s
WHERE shop = %(shop)s AND business_date = %(business_date)s AND kind = %(kind)s
