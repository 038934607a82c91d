-- Each channel has its own record of what it took. What has begun and is not over is one row per subject and kind, so
-- two that look at once begin one trouble, and subjects share no lock.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'etl_alert'::regclass AND attname = 'over_at') THEN
        ALTER TABLE etl_alert ADD COLUMN over_at timestamptz DEFAULT now();
        -- Of before: the latest trouble of each subject, unless its end was raised.
        UPDATE etl_alert AS a SET over_at = NULL
        WHERE a.kind IN ('trouble', 'week_left', 'day_left', 'gone') AND a.began_at <> '00:00'
          AND (a.business_date, a.began_at) = (
              SELECT b.business_date, b.began_at FROM etl_alert AS b
              WHERE b.report = a.report AND b.shop = a.shop AND b.began_at <> '00:00'
              ORDER BY b.business_date DESC, b.began_at DESC LIMIT 1)
          AND NOT EXISTS (
              SELECT FROM etl_alert AS b
              WHERE b.report = a.report AND b.shop = a.shop AND b.kind = 'recovered'
                AND b.business_date = a.business_date AND b.began_at = a.began_at);
    END IF;
END $$;

CREATE UNIQUE INDEX IF NOT EXISTS etl_alert_open ON etl_alert (report, shop, kind) WHERE over_at IS NULL;
CREATE INDEX IF NOT EXISTS etl_alert_unsent ON etl_alert (id) WHERE sent_at IS NULL;

CREATE TABLE IF NOT EXISTS etl_alert_channel (
    channel     text PRIMARY KEY,
    holder      text,
    busy_until  timestamptz,
    paced_until timestamptz,
    failures    integer NOT NULL DEFAULT 0,
    next_try_at timestamptz,
    last_answer text,
    answered_at timestamptz
);

CREATE TABLE IF NOT EXISTS etl_alert_delivery (
    alert_id bigint      NOT NULL REFERENCES etl_alert ON DELETE CASCADE,
    channel  text        NOT NULL,
    try_num  integer     NOT NULL DEFAULT 1,
    tried_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    taken_at timestamptz,
    answer   text,
    PRIMARY KEY (alert_id, channel)
);

COMMENT ON COLUMN etl_alert.over_at IS '故障结束时刻; 空值表示仍在持续; 无结束之告警为其产生时刻';
COMMENT ON COLUMN etl_alert.sent_at IS '全部渠道均已接受的时间; 空值表示尚有渠道未接受, 见 etl_alert_delivery';
COMMENT ON COLUMN etl_alert.send_num IS '已停用: 见 etl_alert_delivery.try_num';
COMMENT ON TABLE  etl_alert_channel IS '告警渠道: 一渠道一行; 名称不含密钥';
COMMENT ON COLUMN etl_alert_channel.holder IS '正在发送的进程';
COMMENT ON COLUMN etl_alert_channel.busy_until IS '占用至此; 进程中止后由他者接手';
COMMENT ON COLUMN etl_alert_channel.paced_until IS '限频 (GCRA) 的下一时刻';
COMMENT ON COLUMN etl_alert_channel.failures IS '连续未接受次数';
COMMENT ON COLUMN etl_alert_channel.next_try_at IS '未接受后的下次尝试';
COMMENT ON COLUMN etl_alert_channel.last_answer IS '渠道最近的答复';
COMMENT ON TABLE  etl_alert_delivery IS '告警送达: 每告警每渠道一行';
COMMENT ON COLUMN etl_alert_delivery.try_num IS '尝试次数';
COMMENT ON COLUMN etl_alert_delivery.taken_at IS '渠道接受时间; 空值表示未接受';
COMMENT ON COLUMN etl_alert_delivery.answer IS '渠道答复';
