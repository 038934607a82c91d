-- How far was read, by the database's own clock, and what it says now. A first reading begins now: what was before is
-- enqueued by hand. What was read «until» a moment that is yet to come was read while the clock was ahead: until now.
SELECT LEAST(COALESCE(mark.read_until, now.moment), now.moment)            AS read_until,
       CASE WHEN mark.read_until > now.moment THEN mark.read_until END     AS ahead,
       now.moment                                                          AS now
FROM (SELECT statement_timestamp() AS moment) AS now
LEFT JOIN youshu_capture AS mark ON mark.shop = %(shop)s AND mark.what = %(what)s
