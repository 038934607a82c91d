-- The sellers of Taobao's data push as they were seen last, and since when they are so.
CREATE TABLE IF NOT EXISTS jushita_push_user (
    user_id    BIGINT       NOT NULL,
    user_nick  VARCHAR(255) NOT NULL,
    status     SMALLINT     NOT NULL COMMENT '0 暂停, 1 正常, 2 session 失效, 3 已删除',
    rds        VARCHAR(255) NOT NULL,
    since      DATETIME(3)  NOT NULL COMMENT '首次见到其推送正常, 停止或删除的时间, 上海时间',
    gone_since DATETIME(3)  NULL COMMENT '不在推送用户列表中的首次时间; 空 = 在列表中',
    PRIMARY KEY (user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COMMENT = '聚石塔数据推送的卖家: 每个一行, 最近一次所见'
