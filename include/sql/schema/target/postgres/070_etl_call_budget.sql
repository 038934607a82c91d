-- How fast an account may be called: shared by every task that uses the same connection.
CREATE TABLE IF NOT EXISTS etl_call_budget (
    conn_id      text             PRIMARY KEY,
    per_minute   double precision NOT NULL,
    free_at      timestamptz      NOT NULL,
    throttled_at timestamptz
);

COMMENT ON TABLE  etl_call_budget IS '调用频率预算';
COMMENT ON COLUMN etl_call_budget.per_minute IS '当前速度';
COMMENT ON COLUMN etl_call_budget.free_at IS '下一次调用的时刻';
COMMENT ON COLUMN etl_call_budget.throttled_at IS '最近一次被限流';
