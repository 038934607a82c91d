-- Your returns, mapped to what is pushed to Youshu. One row per return:
--
--   shop, return_id, return_code     as in the view of orders; return_code is Youshu's external_return_order_id. Times,
--                                    amounts and text keys likewise
--   order_id, order_code, order_source   of the order that it belongs to
--   changed_at      timestamptz      when anything of it changed last; indexed in your table
--   finished_at     timestamptz      when it was finished; NULL = not yet, and nothing is pushed
--   total           numeric          yuan, what is given back
--   detail          jsonb            Youshu's return object without return_order_status and status_change_time
--
-- No returns, or not agreed with Youshu? Leave the view as it is, and let it select nothing: WHERE false.
CREATE OR REPLACE VIEW youshu_return_push AS
SELECT b.shop,
       b.id                                  AS return_id,
       b.return_code,
       b.order_id,
       o.order_code,
       o.order_source,
       b.last_modify_time                    AS changed_at,
       b.finish_time                         AS finished_at,
       b.goods_amount + b.freight_amount     AS total,
       jsonb_build_object(
           'external_return_order_id', b.return_code,
           'external_order_id', o.order_code,
           'return_create_time', floor(extract(epoch FROM b.create_time) * 1000)::bigint::text,
           'return_num', lines.pieces,
           'return_amount', b.goods_amount,
           'return_freight_amount', b.freight_amount,
           'return_order_amount', b.goods_amount + b.freight_amount,
           'return_goods_info', lines.goods
       )                                     AS detail
FROM t_store_order_return AS b
JOIN t_store_order AS o ON o.id = b.order_id
CROSS JOIN LATERAL (
    SELECT sum(r.goods_num) AS pieces,
           jsonb_agg(jsonb_build_object(
               'external_sku_id', i.sku_id,
               'sku_name_chinese', i.sku_name,
               'external_spu_id', i.spu_id,
               'spu_name_chinese', i.spu_name,
               'return_goods_amount', r.amount,
               'return_goods_num', r.goods_num) ORDER BY r.id) AS goods
    FROM t_store_order_return_item AS r
    JOIN t_store_order_item AS i ON i.id = r.order_item_id
    WHERE r.return_id = b.id
) AS lines;
