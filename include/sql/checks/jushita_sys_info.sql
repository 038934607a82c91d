-- Checks after a load: each column of the one row must be true.

-- name: lines
-- Heads and lines come in one transaction: none can be there alone.
SELECT (SELECT COUNT(*) FROM taobao_trade AS t
        WHERE NOT EXISTS (SELECT 1 FROM taobao_order AS o WHERE o.tid = t.tid)) = 0 AS every_trade_has_sub_orders,
       (SELECT COUNT(*) FROM taobao_order AS o
        WHERE NOT EXISTS (SELECT 1 FROM taobao_trade AS t WHERE t.tid = o.tid)) = 0 AS every_sub_order_has_its_trade

-- name: order_ids
-- The platform gives the number of a sub-order once: two trades with the same one cannot both be right.
SELECT COUNT(*) = 0 AS sub_order_in_one_trade_only
FROM (SELECT oid FROM taobao_order GROUP BY oid HAVING COUNT(*) > 1) AS twice
