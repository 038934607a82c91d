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
