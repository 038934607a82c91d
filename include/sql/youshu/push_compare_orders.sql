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
