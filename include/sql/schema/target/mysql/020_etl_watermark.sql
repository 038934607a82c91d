-- Up to where scheduled loads have read without a gap.
CREATE TABLE IF NOT EXISTS etl_watermark (
    pipeline   VARCHAR(63) NOT NULL,
    account    VARCHAR(63) NOT NULL,
    watermark  DATETIME    NOT NULL COMMENT '此前 (不含) 已完整装载, 上海时间',
    moved_at   DATETIME(3) NOT NULL,
    PRIMARY KEY (pipeline, account)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COMMENT = '水位: 与其所述的行同一事务提交'
