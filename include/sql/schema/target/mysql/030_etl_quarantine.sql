-- Records that could not be used, as they came: one row per record, however often it comes.
CREATE TABLE IF NOT EXISTS etl_quarantine (
    id           BIGINT       NOT NULL AUTO_INCREMENT,
    pipeline     VARCHAR(63)  NOT NULL,
    account      VARCHAR(63)  NOT NULL,
    source_key   VARCHAR(64)  NOT NULL COMMENT '来源主键; 无法得知时为空',
    reason       VARCHAR(63)  NOT NULL COMMENT '原因代码',
    detail       VARCHAR(255) NOT NULL COMMENT '哪一列, 有何不妥',
    raw          LONGTEXT     NOT NULL COMMENT '原文',
    raw_hash     BINARY(32)   NOT NULL COMMENT '主键与原文的 SHA-256',
    state        VARCHAR(16)  NOT NULL DEFAULT 'open' COMMENT 'open, replayed',
    window_id    BIGINT       NOT NULL COMMENT '最近一次遇到它的窗口 (etl_window.id)',
    times        BIGINT       NOT NULL DEFAULT 1,
    first_seen   DATETIME(3)  NOT NULL,
    last_seen    DATETIME(3)  NOT NULL,
    replayed_at  DATETIME(3)  NULL,
    PRIMARY KEY (id),
    UNIQUE KEY etl_quarantine_record (pipeline, account, raw_hash),
    KEY etl_quarantine_open (pipeline, state)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COMMENT = '隔离区: 无法使用的记录及原文'
