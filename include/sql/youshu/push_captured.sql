-- A moment that is yet to come is forgotten, and when it was found, so that people hear of it.
INSERT INTO youshu_capture AS c (shop, what, read_until) VALUES (%(shop)s, %(what)s, %(until)s)
ON CONFLICT (shop, what) DO UPDATE SET
    read_until = CASE WHEN c.read_until > statement_timestamp() THEN excluded.read_until
                      ELSE greatest(c.read_until, excluded.read_until) END,
    ahead_at   = CASE WHEN c.read_until > statement_timestamp() THEN statement_timestamp() ELSE c.ahead_at END
