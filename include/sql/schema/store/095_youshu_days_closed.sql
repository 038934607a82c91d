-- When somebody closed an undone day of a shop that the settings do not name any more. A later try opens it again.
ALTER TABLE t_store_youshu_pv ADD COLUMN IF NOT EXISTS closed_at timestamptz;
ALTER TABLE youshu_order_summary ADD COLUMN IF NOT EXISTS closed_at timestamptz;
COMMENT ON COLUMN t_store_youshu_pv.closed_at IS '人工关闭的时间 (retail orphans close): 该店铺已从设置中移除, 当日不再上报';
COMMENT ON COLUMN youshu_order_summary.closed_at IS '人工关闭的时间 (retail orphans close): 该店铺已从设置中移除, 当日不再上报';
