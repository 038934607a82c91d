-- Rows that are still to be sent, or wait for people, of shops that the settings do not name. Only index entries of such
-- rows are read.
SELECT shop, sum(waiting)::bigint AS waiting, sum(dead_lettered)::bigint AS dead_lettered
FROM (SELECT shop, count(*) AS waiting, 0 AS dead_lettered
      FROM t_store_youshu_request WHERE status IN (0, 2, 3) GROUP BY shop
      UNION ALL
      SELECT shop, 0, count(*)
      FROM t_store_youshu_request WHERE status = 5 GROUP BY shop
      UNION ALL
      SELECT shop, count(DISTINCT (kind, source_id)), 0
      FROM youshu_enqueue_fault GROUP BY shop) AS counted
WHERE shop <> ALL (%(named)s)
GROUP BY shop
ORDER BY shop
