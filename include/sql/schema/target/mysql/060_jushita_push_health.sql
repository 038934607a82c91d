-- What each check of the data push measured: one row a check, to be charted.
CREATE TABLE IF NOT EXISTS jushita_push_health (
    id              BIGINT      NOT NULL AUTO_INCREMENT,
    checked_at      DATETIME(3) NOT NULL COMMENT '上海时间',
    check_name      VARCHAR(16) NOT NULL COMMENT 'users 卖家, push_lag 推送延迟, volume 推送量, own_lag 装载延迟, retention 保留时长, source_clock 源库时钟',
    instance        VARCHAR(63) NOT NULL COMMENT 'RDS 实例 (retail.yaml 中的 name); users 为空',
    pushed_table    VARCHAR(63) NOT NULL COMMENT 'sys_info 中的表; users 为空',
    verdict         VARCHAR(16) NOT NULL COMMENT 'fine 正常, trouble 异常, unknown 无法判断',
    measured_until  DATETIME(3) NULL COMMENT '数据统计至此 (不含)',
    sellers         BIGINT      NULL,
    sellers_stopped BIGINT      NULL,
    rows_measured   BIGINT      NULL COMMENT 'push_lag: 最近一小时的行; volume: 当日至此的行; own_lag: 水位之后未装载的行',
    rows_usual      BIGINT      NULL COMMENT '前七日同一时刻的中位数',
    median_seconds  BIGINT      NULL,
    p99_seconds     BIGINT      NULL,
    over_3_seconds  DOUBLE      NULL COMMENT '延迟超过 3 秒的占比',
    over_20_minutes DOUBLE      NULL COMMENT '延迟超过 20 分钟的占比',
    lag_seconds     BIGINT      NULL COMMENT 'RDS 时间减水位',
    kept_seconds    BIGINT      NULL COMMENT '推送库保留时长: 配置值, 或最旧一行的年龄',
    PRIMARY KEY (id),
    KEY jushita_push_health_by_check (check_name, instance, pushed_table, checked_at),
    KEY jushita_push_health_by_time (checked_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COMMENT = '聚石塔数据推送监控: 每次检查一行'
