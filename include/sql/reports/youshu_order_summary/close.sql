-- A shop's undone days are left as they are.
WITH closed AS (
    UPDATE youshu_order_summary SET closed_at = GREATEST(%(now)s, last_modify_time)
    WHERE shop = %(shop)s AND business_date IN (
        SELECT business_date FROM youshu_order_summary
        WHERE shop = %(shop)s AND business_date >= %(since)s
        GROUP BY business_date
        HAVING COUNT(*) FILTER (WHERE status = 1) < 1)
    RETURNING business_date
)
SELECT count(DISTINCT business_date) AS closed FROM closed
