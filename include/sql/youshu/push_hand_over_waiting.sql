WITH moved AS (
    UPDATE t_store_youshu_request SET shop = %(new)s WHERE shop = %(shop)s AND status IN (0, 2, 3) RETURNING id
), kept_out AS (
    UPDATE youshu_enqueue_fault SET shop = %(new)s WHERE shop = %(shop)s
)
SELECT count(*) AS moved FROM moved
