-- Up to where scheduled loads have read without a gap.
CREATE TABLE IF NOT EXISTS etl_watermark (
    pipeline  text        NOT NULL,
    account   text        NOT NULL,
    watermark timestamptz NOT NULL,
    moved_at  timestamptz NOT NULL,
    PRIMARY KEY (pipeline, account)
);

COMMENT ON TABLE  etl_watermark IS '水位: 与其所述的行同一事务提交';
COMMENT ON COLUMN etl_watermark.watermark IS '此前 (不含) 已完整装载';
