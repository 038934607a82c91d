WITH moved AS (
    UPDATE t_store_youshu_request SET shop = %(new)s WHERE shop = %(shop)s AND status IN (0, 2, 3) RETURNING id
)
SELECT count(*) AS moved FROM moved
