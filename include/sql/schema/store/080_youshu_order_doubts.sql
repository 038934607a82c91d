-- Why a day's sums look wrong, and when a person said that they are right all the same. Both speak of the sums that are
-- stored: other sums are judged anew.
ALTER TABLE youshu_order_summary ADD COLUMN IF NOT EXISTS doubt text;
ALTER TABLE youshu_order_summary ADD COLUMN IF NOT EXISTS confirmed_at timestamptz;
COMMENT ON COLUMN youshu_order_summary.doubt IS '数据可疑的原因, 空为正常; 待人工确认: retail youshu confirm';
COMMENT ON COLUMN youshu_order_summary.confirmed_at IS '人工确认数据无误的时间; 数据再变则清空';
