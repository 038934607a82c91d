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
