INSERT INTO jushita_push_user (user_id, user_nick, status, rds, since, gone_since)
VALUES (%(user_id)s, %(user_nick)s, %(status)s, %(rds)s, %(since)s, %(gone_since)s)
ON DUPLICATE KEY UPDATE
    user_nick = VALUES(user_nick), status = VALUES(status), rds = VALUES(rds), since = VALUES(since),
    gone_since = VALUES(gone_since)
