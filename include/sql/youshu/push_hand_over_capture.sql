-- The new name reads on from where the old one was, even if it has begun by itself meanwhile.
INSERT INTO youshu_capture AS c (shop, what, read_until)
SELECT %(new)s, what, read_until FROM youshu_capture WHERE shop = %(shop)s
ON CONFLICT (shop, what) DO UPDATE SET read_until = least(c.read_until, excluded.read_until)
