-- An order is told to Youshu once, from its first state on. Where what was told was wrong, or set aside and mended, it
-- is told again from that state on, so that its states keep their order: that is a new course, with the next number.
ALTER TABLE t_store_youshu_request ADD COLUMN IF NOT EXISTS course integer NOT NULL DEFAULT 1;
COMMENT ON COLUMN t_store_youshu_request.course IS '第几遍: 时间更正或订单修复后, 从该状态起按顺序重新推送, 编号加一';
