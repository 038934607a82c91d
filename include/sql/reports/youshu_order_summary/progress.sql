-- How far a shop's day is: done when its sums, as they are now, were accepted by Youshu.
SELECT COUNT(*) FILTER (WHERE status = 1) = 1            AS done,
       MAX(reported_at)                                  AS done_at,
       MIN(create_date)                                  AS first_try_at,
       0                                                 AS pulls,
       COALESCE(SUM(push_num), 0)                        AS pushes,
       STRING_AGG(NULLIF(concat_ws('; ', last_error, CASE WHEN confirmed_at IS NULL
               THEN doubt || '; if it is right: retail youshu confirm ' || shop || ' ' || business_date END), ''), E'\n')
           FILTER (WHERE status <> 1)                    AS last_error
FROM youshu_order_summary
WHERE shop = %(shop)s AND business_date = %(business_date)s
