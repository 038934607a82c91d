-- Since when its orders are pushed.
INSERT INTO youshu_push_sender AS s (shop, seen_at, waiting, started_at)
SELECT %(new)s, seen_at, waiting, started_at FROM youshu_push_sender WHERE shop = %(shop)s
ON CONFLICT (shop) DO UPDATE SET started_at = least(s.started_at, excluded.started_at)
