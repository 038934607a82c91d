INSERT INTO youshu_capture AS c (shop, what, read_until) VALUES (%(shop)s, %(what)s, %(until)s)
ON CONFLICT (shop, what) DO UPDATE SET read_until = greatest(c.read_until, excluded.read_until)
