-- Single orders and returns on their way into the outbox.

-- name: order
SELECT youshu_enqueue_order(shop, order_id) AS added
FROM youshu_order_push
WHERE shop = %(shop)s AND order_code = %(order_code)s

-- name: strictly
SET LOCAL retail.strict = on

-- name: lock_order
-- An order of the view, held against being enqueued by others until the end of the transaction.
SELECT order_id, pg_advisory_xact_lock(hashtextextended('youshu_order/' || shop, order_id))
FROM youshu_order_push
WHERE shop = %(shop)s AND order_code = %(order_code)s

-- name: again
-- Every state that an order has reached once more, as it is now, in their order.
INSERT INTO t_store_youshu_request
    (shop, order_id, order_code, order_source, push_type, event_time, total, request_info, course)
SELECT o.shop, o.order_id, o.order_code, o.order_source, s.push_type, s.event_time, o.total, o.detail::text, s.course
FROM youshu_order_push AS o
CROSS JOIN LATERAL youshu_states_to_enqueue(
    o.shop, o.order_id, ARRAY[o.created_at, o.cancelled_unpaid_at, o.paid_at, o.cancelled_paid_at, o.shipped_at,
                              o.finished_at], o.detail::text, true) AS s
WHERE o.shop = %(shop)s AND o.order_id = %(order_id)s
ORDER BY s.rank
RETURNING id

-- name: missing_order
-- One order, as its backend would enqueue it. NULL: a transaction holds it just now, and enqueues it itself.
SELECT CASE WHEN pg_try_advisory_xact_lock(hashtextextended('youshu_order/' || %(shop)s, %(id)s))
            THEN youshu_enqueue_order(%(shop)s, %(id)s) END AS added

-- name: missing_return
-- One return, as its backend would enqueue it. NULL: a transaction holds it just now, and enqueues it itself.
SELECT CASE WHEN pg_try_advisory_xact_lock(hashtextextended('youshu_return/' || %(shop)s, %(id)s))
            THEN youshu_enqueue_return(%(shop)s, %(id)s) END AS added

-- name: faults
-- Enqueues orders and returns that a fault of ours has kept out, the oldest first. What fails again is kept anew, behind
-- the others; what a transaction holds just now waits for the next time.
WITH page AS MATERIALIZED (
    SELECT id, kind, source_id FROM youshu_enqueue_fault WHERE shop = %(shop)s ORDER BY id LIMIT %(limit)s
), tried AS MATERIALIZED (
    SELECT each.kind, each.source_id, each.free,
           CASE WHEN each.free THEN CASE each.kind WHEN 'order' THEN youshu_enqueue_order(%(shop)s, each.source_id)
                                                   ELSE youshu_enqueue_return(%(shop)s, each.source_id) END END AS added
    FROM (SELECT kind, source_id,
                 pg_try_advisory_xact_lock(hashtextextended('youshu_' || kind || '/' || %(shop)s, source_id)) AS free
          FROM (SELECT DISTINCT kind, source_id FROM page) AS kept OFFSET 0) AS each
), done AS (
    DELETE FROM youshu_enqueue_fault AS f USING page, tried
    WHERE f.id = page.id AND tried.kind = page.kind AND tried.source_id = page.source_id AND tried.free
)
SELECT (SELECT count(*) FROM page) AS found, count(added) AS enqueued FROM tried
