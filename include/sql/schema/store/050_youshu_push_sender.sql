-- What each shop's sender says of itself: whether it lives, how fast it is, what Youshu said last.
CREATE TABLE IF NOT EXISTS youshu_push_sender (
    shop              text        PRIMARY KEY,
    seen_at           timestamptz NOT NULL,
    waiting           bigint      NOT NULL,
    orders_per_second numeric,
    last_error        text,
    last_error_at     timestamptz
);
COMMENT ON TABLE  youshu_push_sender IS '订单推送任务心跳: 每店铺一行';
COMMENT ON COLUMN youshu_push_sender.seen_at IS '最近一次心跳';
COMMENT ON COLUMN youshu_push_sender.waiting IS '当时待推送行数';
COMMENT ON COLUMN youshu_push_sender.orders_per_second IS '最近一次积压时的推送速度 (每秒订单数)';
COMMENT ON COLUMN youshu_push_sender.last_error IS '最近一次失败时有数的答复';
