-- Rows of the outbox, t_store_youshu_request. push_candidates.sql says which may be claimed, push_delays.sql how late
-- they were sent.

-- name: turn
-- Claims of a shop are made one after the other: each one sees all of those before it. Until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('youshu_push/' || %(shop)s, 0))

-- name: claim
-- These are on their way now, until they are recorded; not recorded until «lease_end», nobody knows what became of them.
UPDATE t_store_youshu_request AS r
SET claimed_by       = %(claim)s,
    next_push_at     = %(lease_end)s,
    push_num         = push_num + 1,
    last_modify_time = %(now)s
WHERE id = ANY (%(ids)s)
RETURNING id, order_id, order_code, push_type, push_num, event_time, return_code, request_info,
          COALESCE((SELECT k.request_info = r.request_info
                    FROM (SELECT shop, id, status, return_code, course, state_rank, request_info
                          FROM t_store_youshu_request WHERE order_id = r.order_id OFFSET 0) AS k
                    WHERE k.shop = r.shop AND k.status = 1 AND k.return_code IS NULL
                    ORDER BY k.course DESC, k.state_rank DESC, k.id DESC LIMIT 1), false) AS content_known

-- name: close
-- These need not be sent, or cannot be.
UPDATE t_store_youshu_request
SET status = %(status)s, response_info = %(why)s, claimed_by = NULL, last_modify_time = %(now)s
WHERE id = ANY (%(ids)s)

-- name: renew
-- Still to be sent, or on their way: held for longer by the claim that holds them, unless its time was over.
UPDATE t_store_youshu_request
SET next_push_at = %(lease_end)s, last_modify_time = %(now)s
WHERE id = ANY (%(ids)s) AND claimed_by = %(claim)s AND next_push_at > %(now)s
RETURNING id

-- name: unsent
-- Claimed, and never sent: as if they had not been.
UPDATE t_store_youshu_request
SET claimed_by = NULL, next_push_at = NULL, push_num = push_num - 1, last_modify_time = %(now)s
WHERE id = ANY (%(ids)s) AND claimed_by = %(claim)s

-- name: accepted
-- Only what this claim still holds: of what was claimed anew since, the other one will say what became of it.
-- Where the same state was dead-lettered before, with what was wrong with the order then, that is settled.
WITH taken AS (
    UPDATE t_store_youshu_request
    SET status = 1, response_info = %(answer)s, warning = %(warnings)s::jsonb ->> id::text, claimed_by = NULL,
        accepted_at = %(now)s, last_modify_time = %(now)s
    WHERE id = ANY (%(ids)s) AND claimed_by = %(claim)s
    RETURNING id, shop, order_id, return_code, push_type
)
UPDATE t_store_youshu_request AS r
SET status = 4, response_info = 'not sent: the state was taken later, see row ' || taken.id || '; before: '
                                || COALESCE(r.response_info, ''), last_modify_time = %(now)s
FROM taken
WHERE r.shop = taken.shop AND r.status = 5 AND r.id < taken.id AND r.order_id = taken.order_id
  AND r.push_type = taken.push_type AND r.return_code IS NOT DISTINCT FROM taken.return_code

-- name: not_accepted
-- To be tried again: after the first wait, and after twice as long each time.
UPDATE t_store_youshu_request
SET status           = %(status)s,
    response_info    = %(answer)s,
    claimed_by       = NULL,
    next_push_at     = %(now)s::timestamptz
                       + least(%(min_wait)s * 2 ^ least(push_num - 1, 20), %(max_wait)s) * interval '1 second',
    last_modify_time = %(now)s
WHERE id = ANY (%(ids)s) AND claimed_by = %(claim)s

-- name: dead_lettered
-- Youshu will never take this as it is. Where the same state was dead-lettered before, this row says by now what is wrong.
WITH refused AS (
    UPDATE t_store_youshu_request
    SET status = 5, response_info = %(answer)s, claimed_by = NULL, last_modify_time = %(now)s
    WHERE id = ANY (%(ids)s) AND claimed_by = %(claim)s
    RETURNING id, shop, order_id, return_code, push_type
)
UPDATE t_store_youshu_request AS r
SET status = 4, response_info = 'not sent: the state was dead-lettered once more, see row ' || refused.id || '; before: '
                                || COALESCE(r.response_info, ''), last_modify_time = %(now)s
FROM refused
WHERE r.shop = refused.shop AND r.status = 5 AND r.id < refused.id AND r.order_id = refused.order_id
  AND r.push_type = refused.push_type AND r.return_code IS NOT DISTINCT FROM refused.return_code

-- name: bring_forward
-- Youshu answers again: what waited for that need not wait longer. Where it was never quite silent, only what is still to
-- be told apart, and not an order that has failed alone.
UPDATE t_store_youshu_request
SET next_push_at = NULL, last_modify_time = %(now)s
WHERE shop = %(shop)s AND status IN (0, 2, 3) AND claimed_by IS NULL AND push_num > 0 AND next_push_at > %(now)s
  AND (%(below)s::integer IS NULL OR push_num < %(below)s)

-- name: dead_letters
SELECT id, order_id, order_code, return_code, push_type, push_num, event_time, last_modify_time AS dead_lettered_at,
       response_info
FROM t_store_youshu_request
WHERE shop = %(shop)s AND status = 5
ORDER BY id
LIMIT %(limit)s

-- name: retry
-- As if they had just come: rows that were dead-lettered, of these orders, or of all. Not what was dead-lettered for a time that
-- Youshu cannot be told: it stands there with another one, and is enqueued anew when it is mended.
WITH again AS (
    UPDATE t_store_youshu_request
    SET status = 0, push_num = 0, next_push_at = NULL, alarmed_at = NULL, last_modify_time = %(now)s
    WHERE shop = %(shop)s AND status = 5 AND NOT untold
      AND (%(order_codes)s::text[] IS NULL OR order_code = ANY (%(order_codes)s))
    RETURNING id
)
SELECT count(*) AS again, pg_notify('youshu_request', '') FROM again

-- name: backlog
-- What waits in a shop's outbox, and what was dead-lettered. Only index entries of such rows are read.
SELECT count(*)                                                            AS waiting,
       count(*) FILTER (WHERE status = 0 AND claimed_by IS NULL)           AS pending,
       count(*) FILTER (WHERE claimed_by IS NOT NULL)                      AS sending,
       count(*) FILTER (WHERE status = 2 AND claimed_by IS NULL)           AS failed,
       count(*) FILTER (WHERE status = 3 AND claimed_by IS NULL)           AS timeouts,
       min(event_time)                                                     AS oldest_event,
       (SELECT count(*) FROM t_store_youshu_request
        WHERE shop = %(shop)s AND status = 5)                              AS dead_lettered
FROM t_store_youshu_request
WHERE shop = %(shop)s AND status IN (0, 2, 3)
