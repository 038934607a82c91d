-- How far was read, by the database's own clock, and what it says now. A first reading begins now: what was before is
-- enqueued by hand.
SELECT COALESCE((SELECT read_until FROM youshu_capture WHERE shop = %(shop)s AND what = %(what)s),
                statement_timestamp()) AS read_until,
       statement_timestamp()           AS now
