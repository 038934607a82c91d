-- A day's order sums and what Youshu said to them: one row per shop and business date.
CREATE TABLE IF NOT EXISTS youshu_order_summary (
    shop                  text          NOT NULL,
    business_date         date          NOT NULL,
    give_order_amount_sum numeric(19,4) NOT NULL,
    give_order_num_sum    bigint        NOT NULL,
    payment_amount_sum    numeric(19,4) NOT NULL,
    payed_num_sum         bigint        NOT NULL,
    request_info          text,
    response_info         text,
    status                integer       NOT NULL DEFAULT 0 CHECK (status IN (0, 1, 2)),
    push_num              integer       NOT NULL DEFAULT 0,
    last_error            text,
    create_date           timestamptz   NOT NULL DEFAULT now(),
    last_modify_time      timestamptz   NOT NULL DEFAULT now(),
    reported_at           timestamptz,
    PRIMARY KEY (shop, business_date)
);

COMMENT ON TABLE  youshu_order_summary IS '有数每日订单汇总: 每店铺每业务日期一行';
COMMENT ON COLUMN youshu_order_summary.give_order_amount_sum IS '当日下单金额合计 (元), 含之后取消的订单';
COMMENT ON COLUMN youshu_order_summary.give_order_num_sum IS '当日下单数';
COMMENT ON COLUMN youshu_order_summary.payment_amount_sum IS '当日支付金额合计 (元), 含之后取消或退款的订单';
COMMENT ON COLUMN youshu_order_summary.payed_num_sum IS '当日支付订单数';
COMMENT ON COLUMN youshu_order_summary.request_info IS '推送数据';
COMMENT ON COLUMN youshu_order_summary.response_info IS '推送响应数据; 无响应时为原因';
COMMENT ON COLUMN youshu_order_summary.status IS '推送状态 0:未处理 1:成功 2:失败';
COMMENT ON COLUMN youshu_order_summary.push_num IS '推送次数';
COMMENT ON COLUMN youshu_order_summary.last_error IS '最近一次错误, 成功后清空';
COMMENT ON COLUMN youshu_order_summary.reported_at IS '有数接受时间';
