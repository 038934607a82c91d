-- What would be sent, for retail youshu rehearse: nothing is written.

-- name: orders
-- The orders that changed last, or one of them, as they would be pushed. A state whose time Youshu cannot be told is named
-- instead: some of these no driver can read. One that begins at infinity is not reached.
SELECT order_id, order_code, changed_at, detail::text AS detail,
       CASE WHEN youshu_can_be_told(created_at) THEN created_at END AS "1110",
       CASE WHEN youshu_can_be_told(cancelled_unpaid_at) THEN cancelled_unpaid_at END AS "1130",
       CASE WHEN youshu_can_be_told(paid_at) THEN paid_at END AS "1150",
       CASE WHEN youshu_can_be_told(cancelled_paid_at) THEN cancelled_paid_at END AS "1140",
       CASE WHEN youshu_can_be_told(shipped_at) THEN shipped_at END AS "1160",
       CASE WHEN youshu_can_be_told(finished_at) THEN finished_at END AS "1180",
       ARRAY(SELECT push_type
             FROM unnest(ARRAY['1110', '1130', '1150', '1140', '1160', '1180'],
                         ARRAY[created_at, cancelled_unpaid_at, paid_at, cancelled_paid_at, shipped_at, finished_at])
                  AS reached (push_type, since)
             WHERE since < 'infinity' AND NOT youshu_can_be_told(since)) AS untold
FROM youshu_order_push
WHERE shop = %(shop)s AND changed_at >= %(from)s AND order_source = ANY (%(order_sources)s)
  AND (%(only)s::bigint IS NULL OR order_id = %(only)s)
ORDER BY changed_at DESC, order_id DESC
LIMIT %(limit)s

-- name: keys_orders
-- The keys of the orders that changed last, without anything that the view works out of them.
SELECT order_id AS id
FROM youshu_order_push
WHERE shop = %(shop)s AND changed_at >= %(from)s AND order_source = ANY (%(order_sources)s)
ORDER BY changed_at DESC, order_id DESC
LIMIT %(limit)s

-- name: returns
-- The returns that changed last and are finished, or one of them, as they would be pushed; times as of orders.
SELECT order_id, order_code, return_code, detail::text AS detail,
       CASE WHEN youshu_can_be_told(finished_at) THEN finished_at END AS finished_at
FROM youshu_return_push
WHERE shop = %(shop)s AND changed_at >= %(from)s AND finished_at < 'infinity' AND order_source = ANY (%(order_sources)s)
  AND (%(only)s::bigint IS NULL OR return_id = %(only)s)
ORDER BY changed_at DESC, return_id DESC
LIMIT %(limit)s

-- name: keys_returns
-- The keys of the returns that changed last, without anything that the view works out of them.
SELECT return_id AS id
FROM youshu_return_push
WHERE shop = %(shop)s AND changed_at >= %(from)s AND order_source = ANY (%(order_sources)s)
ORDER BY changed_at DESC, return_id DESC
LIMIT %(limit)s
