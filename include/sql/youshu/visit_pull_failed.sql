INSERT INTO t_store_youshu_pv AS kept
    (shop, business_date, kind, pull_num, last_error, create_date, last_modify_time)
VALUES (%(shop)s, %(business_date)s, %(kind)s, 1, %(error)s, %(now)s, %(now)s)
ON CONFLICT (shop, business_date, kind) DO UPDATE
SET pull_num         = kept.pull_num + 1,
    last_error       = excluded.last_error,
    last_modify_time = excluded.last_modify_time
WHERE kept.status <> 1
