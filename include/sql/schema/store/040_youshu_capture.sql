-- How far the capture of changed orders has read, where the backend does not call the functions that enqueue.
CREATE TABLE IF NOT EXISTS youshu_capture (
    shop        text        NOT NULL,
    what        text        NOT NULL CHECK (what IN ('order', 'return')),
    read_until  timestamptz NOT NULL,
    PRIMARY KEY (shop, what)
);
COMMENT ON TABLE youshu_capture IS '订单捕获水位: 后端不调用入队函数的店铺, 已读至何时';
