-- What is due, oldest first, with what other rows of the same order say about it. A row that is not due before
-- «beyond», further than any wait can be, was written when the clock was ahead: it is due.
SELECT r.id, r.push_type, r.order_source,
       -- A newer one was taken, or may have been: this one must not follow it.
       EXISTS (SELECT FROM t_store_youshu_request AS n
               WHERE n.order_id = r.order_id AND n.shop = r.shop AND n.id <> r.id
                 AND n.return_code IS NOT DISTINCT FROM r.return_code
                 AND (n.state_rank, n.id) > (r.state_rank, r.id)
                 AND (n.status IN (1, 3) OR n.status IN (0, 2) AND NOT %(every_state)s
                      OR n.claimed_by IS NOT NULL AND (n.next_push_at <= %(now)s OR n.next_push_at > %(beyond)s))
       ) AS outrun,
       -- One before it is still to be sent, or any of the order is on its way.
       EXISTS (SELECT FROM t_store_youshu_request AS e
               WHERE e.order_id = r.order_id AND e.shop = r.shop AND e.id <> r.id AND e.status IN (0, 2, 3)
                 AND (e.claimed_by IS NOT NULL AND e.next_push_at > %(now)s AND e.next_push_at <= %(beyond)s
                      OR e.return_code IS NOT DISTINCT FROM r.return_code
                         AND (e.state_rank, e.id) < (r.state_rank, r.id)
                      OR e.return_code IS NULL AND r.return_code IS NOT NULL AND e.id < r.id)
       ) AS waits
FROM t_store_youshu_request AS r
WHERE r.shop = %(shop)s
  AND r.status IN (0, 2, 3)
  AND r.id > %(after)s
  AND (r.next_push_at IS NULL OR r.next_push_at <= %(now)s OR r.next_push_at > %(beyond)s)
ORDER BY r.id
LIMIT %(limit)s
FOR UPDATE OF r SKIP LOCKED
