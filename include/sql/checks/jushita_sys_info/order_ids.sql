-- The platform gives the number of a sub-order once: two trades with the same one cannot both be right.
SELECT COUNT(*) = 0 AS sub_order_in_one_trade_only
FROM (SELECT oid FROM taobao_order GROUP BY oid HAVING COUNT(*) > 1) AS twice
