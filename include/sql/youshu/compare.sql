-- The nightly comparison of the shop's orders with the outbox.

-- name: has_shop
-- Whether the view has orders of a shop that were changed within so many days.
SELECT EXISTS (
    SELECT FROM youshu_order_push
    WHERE shop = %(shop)s AND changed_at >= statement_timestamp() - %(days)s * interval '1 day'
      AND (order_source IS NULL OR order_source = ANY (%(order_sources)s))
) AS has_shop

-- name: sellers
-- Whose orders the view has that were changed within so many days, the shops with most orders first.
SELECT shop, order_source, count(*) AS orders
FROM youshu_order_push
WHERE changed_at >= statement_timestamp() - %(days)s * interval '1 day'
GROUP BY shop, order_source
ORDER BY orders DESC, shop, order_source
LIMIT %(limit)s

-- name: window
-- From when to when a shop's view is held against its outbox; no row where there is nothing to compare yet. Captured
-- orders: only what the capture has read for the last time. Enqueued ones: what the backend had a while to enqueue.
SELECT span."from", span.until
FROM youshu_push_sender AS sender
CROSS JOIN LATERAL (
    SELECT CASE WHEN %(captured)s THEN (SELECT LEAST(read_until, statement_timestamp()) FROM youshu_capture
                                        WHERE shop = %(shop)s AND what = %(what)s)
                ELSE statement_timestamp() END - %(lookback)s AS until
) AS reach
CROSS JOIN LATERAL (
    SELECT greatest(reach.until - %(days)s * interval '1 day', LEAST(sender.started_at, statement_timestamp()) - %(lookback)s) AS "from", reach.until
) AS span
WHERE sender.shop = %(shop)s AND span."from" < span.until

-- name: orders
-- A page of the orders that were changed in [after_time, until), each with what youshu_enqueue_order would add of it:
-- states that it has reached and that were never enqueued; whether it is not as it was enqueued last; whether states that
-- were dead-lettered can go out, since it is mended. Reads only.
WITH page AS MATERIALIZED (
    SELECT order_id, order_code, changed_at, detail::text AS detail,
           ARRAY[created_at, cancelled_unpaid_at, paid_at, cancelled_paid_at, shipped_at, finished_at] AS reached
    FROM youshu_order_push
    WHERE shop = %(shop)s AND changed_at >= %(after_time)s AND changed_at < %(until)s
      AND (changed_at, order_id) > (%(after_time)s, %(after_id)s)
      AND order_source = ANY (%(order_sources)s) AND (%(only)s::bigint IS NULL OR order_id = %(only)s)
    ORDER BY changed_at, order_id
    LIMIT %(limit)s
)
SELECT page.order_id AS id, page.order_code AS code, page.changed_at, lacks.states,
       COALESCE(lacks.since, page.changed_at) AS since, COALESCE(lacks.changed, false) AS changed,
       COALESCE(lacks.mended, false) AS mended
FROM page
CROSS JOIN LATERAL (
    SELECT array_agg(s.push_type ORDER BY s.rank) FILTER (WHERE s.reason = 'missing') AS states,
           min(s.event_time) FILTER (WHERE s.reason = 'missing')                      AS since,
           bool_or(s.reason IN ('corrected', 'changed'))                              AS changed,
           bool_or(s.reason = 'mended')                                               AS mended
    FROM youshu_states_to_enqueue(%(shop)s, page.order_id, page.reached, page.detail, false) AS s
) AS lacks
ORDER BY page.changed_at, page.order_id

-- name: keys_orders
-- A page of the orders that were changed in [after_time, until), without anything that the view works out of them.
SELECT order_id AS id, changed_at
FROM youshu_order_push
WHERE shop = %(shop)s AND changed_at >= %(after_time)s AND changed_at < %(until)s
  AND (changed_at, order_id) > (%(after_time)s, %(after_id)s)
  AND order_source = ANY (%(order_sources)s)
ORDER BY changed_at, order_id
LIMIT %(limit)s

-- name: undated_orders
-- A page of the orders that neither the capture nor the comparison can see, and that were never enqueued: created in
-- [from, until) and without changed_at, or changed then and without order_source; with the states that they have reached.
SELECT v.order_id AS id, v.order_code AS code, COALESCE(v.changed_at, v.created_at) AS since, false AS changed, false AS mended,
       array_remove(ARRAY[CASE WHEN isfinite(v.created_at) THEN '1110' END,
                          CASE WHEN isfinite(v.cancelled_unpaid_at) THEN '1130' END,
                          CASE WHEN isfinite(v.paid_at) THEN '1150' END,
                          CASE WHEN isfinite(v.cancelled_paid_at) THEN '1140' END,
                          CASE WHEN isfinite(v.shipped_at) THEN '1160' END,
                          CASE WHEN isfinite(v.finished_at) THEN '1180' END], NULL) AS states
FROM youshu_order_push AS v
WHERE v.shop = %(shop)s AND v.order_id > %(after_id)s
  AND (v.changed_at IS NULL AND v.created_at >= %(from)s AND v.created_at < %(until)s
       AND (v.order_source IS NULL OR v.order_source = ANY (%(order_sources)s))
       OR v.order_source IS NULL AND v.changed_at >= %(from)s AND v.changed_at < %(until)s)
  AND NOT EXISTS (SELECT FROM t_store_youshu_request AS r WHERE r.order_id = v.order_id AND r.shop = %(shop)s)
ORDER BY v.order_id
LIMIT %(limit)s

-- name: returns
-- The same for returns: a finished one that was never enqueued, or not as it is now. Reads only.
WITH page AS MATERIALIZED (
    SELECT return_id, return_code, order_id, changed_at,
           CASE WHEN isfinite(finished_at) THEN finished_at END AS finished_at, detail::text AS detail
    FROM youshu_return_push
    WHERE shop = %(shop)s AND changed_at >= %(after_time)s AND changed_at < %(until)s
      AND (changed_at, return_id) > (%(after_time)s, %(after_id)s)
      AND order_source = ANY (%(order_sources)s) AND (%(only)s::bigint IS NULL OR return_id = %(only)s)
    ORDER BY changed_at, return_id
    LIMIT %(limit)s
)
SELECT page.return_id AS id, page.return_code AS code, page.changed_at,
       CASE WHEN page.finished_at IS NOT NULL AND outbox.rows = 0 THEN '{1290}'::text[] END AS states,
       COALESCE(page.finished_at, page.changed_at) AS since,
       page.finished_at IS NOT NULL AND outbox.rows > 0
           AND (outbox.newest, date_trunc('milliseconds', outbox.finished_at))
               IS DISTINCT FROM (page.detail, date_trunc('milliseconds', page.finished_at)) AS changed,
       false AS mended
FROM page
CROSS JOIN LATERAL (
    SELECT count(*) AS rows, (array_agg(r.request_info ORDER BY r.id DESC))[1] AS newest,
           (array_agg(r.event_time ORDER BY r.id DESC))[1] AS finished_at
    FROM t_store_youshu_request AS r
    WHERE r.order_id = page.order_id AND r.shop = %(shop)s AND r.return_code = page.return_code
) AS outbox
ORDER BY page.changed_at, page.return_id

-- name: keys_returns
-- The same for returns.
SELECT return_id AS id, changed_at
FROM youshu_return_push
WHERE shop = %(shop)s AND changed_at >= %(after_time)s AND changed_at < %(until)s
  AND (changed_at, return_id) > (%(after_time)s, %(after_id)s)
  AND order_source = ANY (%(order_sources)s)
ORDER BY changed_at, return_id
LIMIT %(limit)s

-- name: undated_returns
-- The same for returns: finished in [from, until) and without changed_at, or changed then and without order_source.
SELECT v.return_id AS id, v.return_code AS code, COALESCE(v.changed_at, v.finished_at) AS since, false AS changed, false AS mended,
       '{1290}'::text[] AS states
FROM youshu_return_push AS v
WHERE v.shop = %(shop)s AND v.return_id > %(after_id)s AND isfinite(v.finished_at)
  AND (v.changed_at IS NULL AND v.finished_at >= %(from)s AND v.finished_at < %(until)s
       AND (v.order_source IS NULL OR v.order_source = ANY (%(order_sources)s))
       OR v.order_source IS NULL AND v.changed_at >= %(from)s AND v.changed_at < %(until)s)
  AND NOT EXISTS (SELECT FROM t_store_youshu_request AS r
                  WHERE r.order_id = v.order_id AND r.shop = %(shop)s AND r.return_code = v.return_code)
ORDER BY v.return_id
LIMIT %(limit)s
