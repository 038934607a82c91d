-- Since when a shop's orders are pushed. What was changed before is enqueued by hand, and is not missing from the outbox.
-- A shop that was pushed before this column came was pushed always.
ALTER TABLE youshu_push_sender ADD COLUMN IF NOT EXISTS started_at timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE youshu_push_sender ALTER COLUMN started_at SET DEFAULT statement_timestamp();
COMMENT ON COLUMN youshu_push_sender.started_at IS '该店铺自何时起推送; 此前变更的订单由人工入队, 不算漏入队';
