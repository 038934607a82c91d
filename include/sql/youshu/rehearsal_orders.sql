-- The orders that changed last, as they would be pushed.
SELECT order_id, order_code, changed_at, detail::text AS detail,
       created_at AS "1110", cancelled_unpaid_at AS "1130", paid_at AS "1150",
       cancelled_paid_at AS "1140", shipped_at AS "1160", finished_at AS "1180"
FROM youshu_order_push
WHERE shop = %(shop)s AND changed_at >= %(from)s AND order_source = ANY (%(order_sources)s)
ORDER BY changed_at DESC, order_id DESC
LIMIT %(limit)s
