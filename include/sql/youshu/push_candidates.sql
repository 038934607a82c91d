-- What is due, of what was never tried or of what was, oldest first, with what other rows of the same order say about
-- it. A row that is not due before «beyond», further than any wait can be, was written when the clock was ahead: it is
-- due. The others are looked up by their order: OFFSET 0 keeps the planner from looking through all that waits.
SELECT r.id, r.push_type, r.order_source, COALESCE(others.superseded, false) AS superseded,
       COALESCE(others.precede, false) AS waits, COALESCE(others.cancelled_late, false) AS cancelled_late
FROM t_store_youshu_request AS r
CROSS JOIN LATERAL (
    SELECT -- Youshu's 1140 is of before shipping.
           bool_or(r.push_type = '1140' AND o.push_type = '1160' AND o.event_time <= r.event_time) AS cancelled_late,
           -- A newer one was taken, or may have been: this one must not follow it.
           bool_or(o.return_code IS NOT DISTINCT FROM r.return_code
                   AND (o.course, o.state_rank, o.id) > (r.course, r.state_rank, r.id)
                   AND (o.status IN (1, 3) OR o.status IN (0, 2) AND NOT %(every_state)s
                        OR o.claimed_by IS NOT NULL
                           AND (o.next_push_at <= %(now)s OR o.next_push_at > %(beyond)s))) AS superseded,
           -- One before it is still to be sent, or any of the order is on its way.
           bool_or(o.status IN (0, 2, 3)
                   AND (o.claimed_by IS NOT NULL AND o.next_push_at > %(now)s AND o.next_push_at <= %(beyond)s
                        OR o.return_code IS NOT DISTINCT FROM r.return_code
                           AND (o.course, o.state_rank, o.id) < (r.course, r.state_rank, r.id)
                        OR o.return_code IS NULL AND r.return_code IS NOT NULL AND o.id < r.id)) AS precede
    FROM (SELECT id, shop, return_code, course, state_rank, status, claimed_by, next_push_at, push_type, event_time
          FROM t_store_youshu_request WHERE order_id = r.order_id OFFSET 0) AS o
    WHERE o.shop = r.shop AND o.id <> r.id
) AS others
WHERE r.shop = %(shop)s
  AND r.status IN (0, 2, 3)
  AND r.id > %(after)s
  AND (r.push_num > 0) = %(tried)s
  AND (r.next_push_at IS NULL OR r.next_push_at <= %(now)s OR r.next_push_at > %(beyond)s)
ORDER BY r.id
LIMIT %(limit)s
FOR UPDATE OF r SKIP LOCKED
