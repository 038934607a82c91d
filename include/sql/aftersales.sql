-- After-sales orders.

-- name: latest_shops
-- The shops of an account among the latest orders of a database: the index on modified gives so many and no more.
SELECT DISTINCT shop_no
FROM (SELECT account, shop_no FROM aftersales_refund_refund_search ORDER BY modified DESC LIMIT %(orders)s) AS latest
WHERE account = %(account)s
