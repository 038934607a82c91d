-- Orders and returns that a fault of ours has kept out of the outbox: a view is missing, or fails, or gives what the
-- outbox does not take. The shop's transaction went on without them; the sender enqueues them once that can be done, and
-- alerts. No value of an order is here: of the server's words only those before the first that it quotes.
CREATE TABLE IF NOT EXISTS youshu_enqueue_fault (
    id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shop      text        NOT NULL,
    kind      text        NOT NULL CHECK (kind IN ('order', 'return')),
    source_id bigint      NOT NULL,
    code      text        NOT NULL,
    error     text        NOT NULL,
    since     timestamptz NOT NULL,
    failed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS youshu_enqueue_fault_source_idx ON youshu_enqueue_fault (shop, kind, source_id);

COMMENT ON TABLE  youshu_enqueue_fault IS '因我方故障 (视图缺失或出错等) 未能入队的订单与退货: 商城事务照常提交; 故障修复后由推送任务自动补入队并删除';
COMMENT ON COLUMN youshu_enqueue_fault.shop IS '店铺 (retail.yaml 中的 name)';
COMMENT ON COLUMN youshu_enqueue_fault.kind IS 'order 订单, return 退货';
COMMENT ON COLUMN youshu_enqueue_fault.source_id IS '视图中的 order_id 或 return_id';
COMMENT ON COLUMN youshu_enqueue_fault.code IS 'SQLSTATE';
COMMENT ON COLUMN youshu_enqueue_fault.error IS '数据库的错误说明, 不含订单数据';
COMMENT ON COLUMN youshu_enqueue_fault.since IS '首次失败时间';
COMMENT ON COLUMN youshu_enqueue_fault.failed_at IS '最近一次失败时间';
