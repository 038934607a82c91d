-- As if they had just come: rows that were dead-lettered, of these orders, or of all. Not what was dead-lettered for a time that
-- Youshu cannot be told: it stands there with another one, and is enqueued anew when it is mended.
WITH again AS (
    UPDATE t_store_youshu_request
    SET status = 0, push_num = 0, next_push_at = NULL, alarmed_at = NULL, last_modify_time = %(now)s
    WHERE shop = %(shop)s AND status = 5 AND NOT untold
      AND (%(order_codes)s::text[] IS NULL OR order_code = ANY (%(order_codes)s))
    RETURNING id
)
SELECT count(*) AS again, pg_notify('youshu_request', '') FROM again
