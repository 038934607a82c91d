-- How far a day is, and what a shop leaves behind that the settings do not name any more.

-- name: progress
-- How far a shop's day is: done when both replies were accepted by Youshu.
SELECT COUNT(*) FILTER (WHERE status = 1) = 2                      AS done,
       MAX(reported_at)                                            AS done_at,
       MIN(create_date)                                            AS first_try_at,
       COALESCE(SUM(pull_num), 0)                                  AS pulls,
       COALESCE(SUM(push_num), 0)                                  AS pushes,
       STRING_AGG(kind || ': ' || last_error, E'\n' ORDER BY kind) FILTER (WHERE status <> 1) AS last_error
FROM t_store_youshu_pv
WHERE shop = %(shop)s AND business_date = %(business_date)s

-- name: orphans
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

-- name: hand_over
-- A shop's days go to its new name with what Youshu said of them; a day that the new name has itself stays.
WITH moved AS (
    UPDATE t_store_youshu_pv AS old SET shop = %(new)s
    WHERE shop = %(shop)s AND NOT EXISTS (
        SELECT FROM t_store_youshu_pv AS kept
        WHERE kept.shop = %(new)s AND kept.business_date = old.business_date)
    RETURNING business_date
)
SELECT count(DISTINCT business_date) AS moved FROM moved

-- name: close
-- A shop's undone days are left as they are.
WITH closed AS (
    UPDATE t_store_youshu_pv SET closed_at = GREATEST(%(now)s, last_modify_time)
    WHERE shop = %(shop)s AND business_date IN (
        SELECT business_date FROM t_store_youshu_pv
        WHERE shop = %(shop)s AND business_date >= %(since)s
        GROUP BY business_date
        HAVING COUNT(*) FILTER (WHERE status = 1) < 2)
    RETURNING business_date
)
SELECT count(DISTINCT business_date) AS closed FROM closed
