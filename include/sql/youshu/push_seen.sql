-- What the sender says of itself; told at every drain, and every few seconds while orders pile up.
INSERT INTO youshu_push_sender AS s (shop, seen_at, waiting, orders_per_second, last_error, last_error_at)
VALUES (%(shop)s, %(now)s, %(waiting)s, %(rate)s, %(error)s, CASE WHEN %(error)s::text IS NOT NULL THEN %(now)s END)
ON CONFLICT (shop) DO UPDATE SET
    seen_at           = excluded.seen_at,
    waiting           = excluded.waiting,
    orders_per_second = COALESCE(excluded.orders_per_second, s.orders_per_second),
    last_error        = COALESCE(excluded.last_error, s.last_error),
    last_error_at     = COALESCE(excluded.last_error_at, s.last_error_at)
