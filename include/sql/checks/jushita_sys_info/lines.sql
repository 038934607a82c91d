-- Heads and lines come in one transaction: none can be there alone.
SELECT (SELECT COUNT(*) FROM taobao_trade AS t
        WHERE NOT EXISTS (SELECT 1 FROM taobao_order AS o WHERE o.tid = t.tid)) = 0 AS every_trade_has_sub_orders,
       (SELECT COUNT(*) FROM taobao_order AS o
        WHERE NOT EXISTS (SELECT 1 FROM taobao_trade AS t WHERE t.tid = o.tid)) = 0 AS every_sub_order_has_its_trade
