-- An order of the view, held against being enqueued by others until the end of the transaction.
SELECT order_id, pg_advisory_xact_lock(hashtextextended('youshu_order/' || shop, order_id))
FROM youshu_order_push
WHERE shop = %(shop)s AND order_code = %(order_code)s
