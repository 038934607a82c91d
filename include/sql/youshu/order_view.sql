-- THE ONE PLACE where your order tables are mapped. Every Youshu order report reads this view and nothing else.
--
--   shop            text            name of the shop as in retail.yaml
--   order_id        bigint, text or uuid  unique per shop
--   order_source    integer         1 mini-program, 2 app, 3 website
--   placed_at       timestamptz     when the order was placed
--   paid_at         timestamptz     when it was paid; NULL = not paid
--   payment_amount  numeric         yuan, after all discounts; of an unpaid order: what is to be paid
--
-- Cancelled and refunded orders belong in it: Youshu's definitions count them. If your times are "timestamp without
-- time zone" in local time, write  create_time AT TIME ZONE 'Asia/Shanghai';  if your amounts are cents,
-- payment_amount::numeric / 100.  `retail schema apply` refuses what does not fit, and says what to write.
CREATE OR REPLACE VIEW youshu_order AS
SELECT shop,
       id             AS order_id,
       order_source,
       create_time    AS placed_at,
       pay_time       AS paid_at,
       payment_amount
FROM t_store_order;
