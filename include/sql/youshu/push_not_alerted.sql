-- Rows that were dead-lettered and that nobody has heard of; who else asks at this moment gets others.
SELECT id, order_code, push_type, response_info
FROM t_store_youshu_request
WHERE shop = %(shop)s AND status = 5 AND alarmed_at IS NULL
ORDER BY id
FOR UPDATE SKIP LOCKED
