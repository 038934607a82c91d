-- A page of the orders that were changed in [after_time, until), each with what youshu_enqueue_order would add of it:
-- states that it has reached and that were never enqueued; else, whether it is not as it was enqueued last. Reads only.
WITH page AS MATERIALIZED (
    SELECT order_id, order_code, changed_at, detail::text AS detail, created_at, cancelled_unpaid_at, paid_at,
           cancelled_paid_at, shipped_at, finished_at
    FROM youshu_order_push
    WHERE shop = %(shop)s AND changed_at >= %(after_time)s AND changed_at < %(until)s
      AND (changed_at, order_id) > (%(after_time)s, %(after_id)s)
      AND order_source = ANY (%(order_sources)s) AND (%(only)s::bigint IS NULL OR order_id = %(only)s)
    ORDER BY changed_at, order_id
    LIMIT %(limit)s
)
SELECT page.order_id AS id, page.order_code AS code, page.changed_at, lacks.states,
       COALESCE(lacks.since, page.changed_at) AS since,
       lacks.states IS NULL AND outbox.rows > 0 AND outbox.newest IS DISTINCT FROM page.detail AS changed
FROM page
CROSS JOIN LATERAL (
    SELECT array_agg(r.push_type::text) AS known, count(*) FILTER (WHERE r.return_code IS NULL) AS rows,
           (array_agg(r.request_info ORDER BY r.state_rank DESC, r.id DESC)
               FILTER (WHERE r.return_code IS NULL))[1] AS newest
    FROM t_store_youshu_request AS r
    WHERE r.order_id = page.order_id AND r.shop = %(shop)s
) AS outbox
CROSS JOIN LATERAL (
    SELECT array_agg(s.push_type ORDER BY s.rank) AS states, min(s.event_time) AS since
    FROM (VALUES (1, '1110', page.created_at), (2, '1130', page.cancelled_unpaid_at), (3, '1150', page.paid_at),
                 (4, '1140', page.cancelled_paid_at), (5, '1160', page.shipped_at), (6, '1180', page.finished_at)
         ) AS s (rank, push_type, event_time)
    WHERE isfinite(s.event_time) AND s.push_type <> ALL (COALESCE(outbox.known, '{}'))
) AS lacks
ORDER BY page.changed_at, page.order_id
