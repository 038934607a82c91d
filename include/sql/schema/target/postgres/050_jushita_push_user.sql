-- The sellers of Taobao's data push as they were seen last, and since when they are so.
CREATE TABLE IF NOT EXISTS jushita_push_user (
    user_id    bigint      PRIMARY KEY,
    user_nick  text        NOT NULL,
    status     smallint    NOT NULL,
    rds        text        NOT NULL,
    since      timestamptz NOT NULL,
    gone_since timestamptz
);

COMMENT ON TABLE  jushita_push_user IS '聚石塔数据推送的卖家: 每个一行, 最近一次所见';
COMMENT ON COLUMN jushita_push_user.status IS '0 暂停, 1 正常, 2 session 失效, 3 已删除';
COMMENT ON COLUMN jushita_push_user.since IS '首次见到其推送正常, 停止或删除的时间';
COMMENT ON COLUMN jushita_push_user.gone_since IS '不在推送用户列表中的首次时间; 空 = 在列表中';
