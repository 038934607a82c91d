-- THE ONE PLACE where your orders are mapped to what is pushed to Youshu: youshu_enqueue_order reads an order from it,
-- the capture reads changed orders from it. One row per order:
--
--   shop              text         name of the shop as in retail.yaml
--   order_id          bigint       unique per shop; of a text key  youshu_key(order_no)
--   order_code        text         what Youshu knows the order by (external_order_id), at most 50 characters
--   order_source      integer      1 mini-program, 2 app, 3 website
--   changed_at        timestamptz  when anything of it changed last; indexed in your table, as it is written here
--   total             numeric      yuan, what is or was to be paid; of cents  payment_amount::numeric / 100
--   created_at … finished_at       when each state of Youshu's began; NULL = not reached: created 1110,
--                                  cancelled_unpaid 1130, paid 1150, cancelled_paid 1140, shipped 1160, finished 1180
--   detail            jsonb        Youshu's order object (add_order.html) without order_status and
--                                  status_change_time, which come from the row of the outbox
--
-- Times without a zone: create_time AT TIME ZONE 'Asia/Shanghai', here and in detail. `retail schema apply` refuses what
-- does not fit, and says what to write.
--
-- In detail: amounts in yuan as numbers; times as text of 13 digits, milliseconds; a line's payment_amount covers all
-- its pieces; goods_amount_total and freight are order_amount; external_spu_id is the style number, the same for all
-- colours of a style; phones only as SHA-256. All of it is checked before it is sent.
--
-- Optional blocks, absent where your tables have nothing for them; all their fields are in docs/youshu-orders.md:
-- coupon_info, express_info, and of each line store_info and chan_info. None of them holds a buyer's name or address
-- here: that is personal data, and no block requires it.
CREATE OR REPLACE VIEW youshu_order_push AS
SELECT o.shop,
       o.id                                                              AS order_id,
       o.order_code,
       o.order_source,
       o.last_modify_time                                                AS changed_at,
       o.payment_amount                                                  AS total,
       o.create_time                                                     AS created_at,
       CASE WHEN o.pay_time IS NULL THEN o.cancel_time END               AS cancelled_unpaid_at,
       o.pay_time                                                        AS paid_at,
       CASE WHEN o.pay_time IS NOT NULL THEN o.cancel_time END           AS cancelled_paid_at,
       o.ship_time                                                       AS shipped_at,
       o.finish_time                                                     AS finished_at,
       jsonb_build_object(
           'external_order_id', o.order_code,
           'create_time', floor(extract(epoch FROM o.create_time) * 1000)::bigint::text,
           'order_source', CASE o.order_source WHEN 1 THEN 'wxapp' WHEN 2 THEN 'app' WHEN 3 THEN 'pcweb'
                                               ELSE 'other' END,
           'order_type', 1,
           'goods_num_total', lines.pieces,
           'goods_amount_total', o.goods_amount,
           'freight_amount', o.freight_amount,
           'order_amount', o.goods_amount + o.freight_amount,
           'payable_amount', o.payable_amount,
           'payment_amount', o.payment_amount,
           'user_info', jsonb_strip_nulls(jsonb_build_object(
               'open_id', o.open_id,
               'union_id', o.union_id,
               'sha256_user_phone', encode(sha256(convert_to(o.phone, 'UTF8')), 'hex'))),
           'goods_info', lines.goods,
           'payment_info', CASE WHEN o.pay_time IS NULL THEN '[]'::jsonb
               ELSE jsonb_build_array(jsonb_build_object(
                   'payment_type', '00009', 'trans_id', o.pay_transaction_id, 'trans_amount', o.payment_amount)) END
       ) || jsonb_strip_nulls(jsonb_build_object(
           'coupon_info', coupons.info,
           'express_info', CASE WHEN o.express_code IS NOT NULL THEN jsonb_build_object(
               'express_package_info', jsonb_build_array(jsonb_build_object(
                   'express_company_code', o.express_company_code,
                   'express_company_name', o.express_company_name,
                   'express_code', o.express_code,
                   'ship_time', floor(extract(epoch FROM o.ship_time) * 1000)::bigint::text))) END
       ))                                                                AS detail
FROM t_store_order AS o
CROSS JOIN LATERAL (
    SELECT sum(i.goods_num) AS pieces,
           jsonb_agg(jsonb_build_object(
               'external_sku_id', i.sku_id,
               'sku_name_chinese', i.sku_name,
               'external_spu_id', i.spu_id,
               'spu_name_chinese', i.spu_name,
               'goods_amount', i.goods_price,
               'payment_amount', i.payment_amount,
               'goods_num', i.goods_num) || jsonb_strip_nulls(jsonb_build_object(
               'store_info', CASE WHEN o.store_id IS NOT NULL THEN jsonb_build_object(
                   'external_store_id', o.store_id, 'store_name', o.store_name, 'store_city', o.store_city) END,
               'chan_info', CASE WHEN o.scene IS NOT NULL THEN jsonb_build_array(jsonb_build_object(
                   'chan_wxapp', jsonb_build_object('chan_scene', o.scene))) END)) ORDER BY i.id) AS goods
    FROM t_store_order_item AS i
    WHERE i.order_id = o.id
) AS lines
CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object(
               'coupon_type', of_type.coupon_type,
               'coupon_amount_total', of_type.total,
               'coupon_detail', of_type.detail) ORDER BY of_type.coupon_type) AS info
    FROM (
        SELECT c.coupon_type, sum(c.amount) AS total,
               jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                   'external_coupon_id', c.coupon_id,
                   'coupon_batch_id', c.batch_id,
                   'coupon_name', c.coupon_name,
                   'coupon_amount', c.amount)) ORDER BY c.id) AS detail
        FROM t_store_order_coupon AS c
        WHERE c.order_id = o.id
        GROUP BY c.coupon_type
    ) AS of_type
) AS coupons;
