-- How far a shop's day is: done when both replies were accepted by Youshu.
SELECT COUNT(*) FILTER (WHERE status = 1) = 2                      AS done,
       MAX(reported_at)                                            AS done_at,
       MIN(create_date)                                            AS first_try_at,
       COALESCE(SUM(pull_num), 0)                                  AS pulls,
       COALESCE(SUM(push_num), 0)                                  AS pushes,
       STRING_AGG(kind || ': ' || last_error, E'\n' ORDER BY kind) FILTER (WHERE status <> 1) AS last_error
FROM t_store_youshu_pv
WHERE shop = %(shop)s AND business_date = %(business_date)s
