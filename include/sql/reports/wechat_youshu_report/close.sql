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
