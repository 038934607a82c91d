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
