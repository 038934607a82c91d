-- Orders and returns of shops that enqueue nothing themselves: what has changed since it was read last.

-- name: until
-- How far was read, by the database's own clock, and what it says now. A first reading begins now: what was before is
-- enqueued by hand. What was read «until» a moment that is yet to come was read while the clock was ahead: until now.
SELECT LEAST(COALESCE(mark.read_until, now.moment), now.moment)            AS read_until,
       CASE WHEN mark.read_until > now.moment THEN mark.read_until END     AS ahead,
       now.moment                                                          AS now
FROM (SELECT statement_timestamp() AS moment) AS now
LEFT JOIN youshu_capture AS mark ON mark.shop = %(shop)s AND mark.what = %(what)s

-- name: orders
-- A page of the orders that were changed in [from, until), each enqueued in that order, unless it is known as it stands.
WITH page AS MATERIALIZED (
    SELECT order_id, changed_at
    FROM youshu_order_push
    WHERE shop = %(shop)s AND changed_at >= %(from)s AND changed_at < %(until)s
      AND (changed_at, order_id) > (%(after_time)s, %(after_id)s)
      AND order_source = ANY (%(order_sources)s)
    ORDER BY changed_at, order_id
    LIMIT %(limit)s
), enqueued AS MATERIALIZED (
    SELECT youshu_enqueue_order(%(shop)s, order_id) AS added FROM page
)
SELECT (SELECT count(*) FROM page) AS found, (SELECT sum(added) FROM enqueued) AS added,
       last.changed_at AS last_time, last.order_id AS last_id
FROM (SELECT) AS always
LEFT JOIN LATERAL (SELECT * FROM page ORDER BY changed_at DESC, order_id DESC LIMIT 1) AS last ON true

-- name: returns
-- A page of the returns that were changed in [from, until), each enqueued in that order, unless it is known as it stands.
WITH page AS MATERIALIZED (
    SELECT return_id, changed_at
    FROM youshu_return_push
    WHERE shop = %(shop)s AND changed_at >= %(from)s AND changed_at < %(until)s
      AND (changed_at, return_id) > (%(after_time)s, %(after_id)s)
      AND order_source = ANY (%(order_sources)s)
    ORDER BY changed_at, return_id
    LIMIT %(limit)s
), enqueued AS MATERIALIZED (
    SELECT youshu_enqueue_return(%(shop)s, return_id) AS added FROM page
)
SELECT (SELECT count(*) FROM page) AS found, (SELECT sum(added) FROM enqueued) AS added,
       last.changed_at AS last_time, last.return_id AS last_id
FROM (SELECT) AS always
LEFT JOIN LATERAL (SELECT * FROM page ORDER BY changed_at DESC, return_id DESC LIMIT 1) AS last ON true

-- name: captured
-- A moment that is yet to come is forgotten, and when it was found, so that people hear of it.
INSERT INTO youshu_capture AS c (shop, what, read_until) VALUES (%(shop)s, %(what)s, %(until)s)
ON CONFLICT (shop, what) DO UPDATE SET
    read_until = CASE WHEN c.read_until > statement_timestamp() THEN excluded.read_until
                      ELSE greatest(c.read_until, excluded.read_until) END,
    ahead_at   = CASE WHEN c.read_until > statement_timestamp() THEN statement_timestamp() ELSE c.ahead_at END
