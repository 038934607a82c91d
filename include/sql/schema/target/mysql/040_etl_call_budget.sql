-- How fast an account may be called: shared by every task that uses the same connection.
CREATE TABLE IF NOT EXISTS etl_call_budget (
    conn_id      VARCHAR(250) NOT NULL,
    per_minute   DOUBLE       NOT NULL COMMENT '当前速度',
    free_at      DATETIME(6)  NOT NULL COMMENT '下一次调用的时刻, 上海时间',
    throttled_at DATETIME(3)  NULL COMMENT '最近一次被限流',
    PRIMARY KEY (conn_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COMMENT = '调用频率预算'
