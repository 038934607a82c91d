-- Undone days of shops that the settings do not name, unless somebody has closed them and nobody has tried them since.
SELECT shop, count(*) AS days, min(business_date) AS first_day, max(business_date) AS last_day
FROM (SELECT shop, business_date
      FROM t_store_youshu_pv
      WHERE business_date >= %(since)s AND shop <> ALL (%(named)s)
      GROUP BY shop, business_date
      HAVING COUNT(*) FILTER (WHERE status = 1) < 2
         AND NOT bool_and(COALESCE(closed_at >= last_modify_time, FALSE))) AS undone
GROUP BY shop
ORDER BY shop
