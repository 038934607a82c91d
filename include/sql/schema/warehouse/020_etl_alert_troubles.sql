-- Trouble that comes and goes may do so more than once a day: its time of beginning is part of what it is known by.
ALTER TABLE etl_alert ADD COLUMN IF NOT EXISTS began_at time NOT NULL DEFAULT '00:00';

ALTER TABLE etl_alert
    DROP CONSTRAINT IF EXISTS etl_alert_report_shop_business_date_kind_key,
    DROP CONSTRAINT IF EXISTS etl_alert_kind_check,
    ADD CONSTRAINT etl_alert_kind_check CHECK (
        kind IN ('doubtful', 'late', 'missed', 'failed', 'recovered', 'trouble', 'week_left', 'day_left', 'gone')
    );

CREATE UNIQUE INDEX IF NOT EXISTS etl_alert_once ON etl_alert (report, shop, business_date, began_at, kind);

COMMENT ON TABLE  etl_alert IS '已发出的告警: 每报表每店铺每业务日期每类一行; 持续监控则每对象每次故障每类一行';
COMMENT ON COLUMN etl_alert.report IS '报表或监控的 DAG';
COMMENT ON COLUMN etl_alert.shop IS '店铺, 或监控对象';
COMMENT ON COLUMN etl_alert.business_date IS '业务日期, 或故障开始之日';
COMMENT ON COLUMN etl_alert.began_at IS '故障开始的时刻 (上海时间); 报表为 00:00';
COMMENT ON COLUMN etl_alert.kind IS '报表: doubtful 数据可疑待确认, late 逾期, missed 放弃, failed 失败需人工处理, recovered 已完成; 监控: trouble 故障, week_left 不足七天, day_left 不足一天, gone 消失, recovered 已恢复';
