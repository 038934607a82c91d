-- When each guard has looked last: one row per guard and what it watches, also of one that never did.
CREATE TABLE IF NOT EXISTS etl_guard (
    dag_id    text        NOT NULL,
    subject   text        NOT NULL,
    named_at  timestamptz NOT NULL,
    looked_at timestamptz,
    PRIMARY KEY (dag_id, subject)
);

ALTER TABLE etl_guard ADD COLUMN IF NOT EXISTS asked_at timestamptz;

COMMENT ON TABLE  etl_guard IS '监控心跳: 每个监控及其对象一行, 从未运行者亦有';
COMMENT ON COLUMN etl_guard.dag_id IS '监控所在的 DAG';
COMMENT ON COLUMN etl_guard.subject IS '监控对象';
COMMENT ON COLUMN etl_guard.named_at IS '自何时起应当监控';
COMMENT ON COLUMN etl_guard.looked_at IS '最近一次监控时间; 空值表示从未';
COMMENT ON COLUMN etl_guard.asked_at IS '最近一次按设置应当监控的时间; 落后其他监控一小时以上者 (曾从设置中移除) 重新计时';
