INSERT INTO jushita_push_user (user_id, user_nick, status, rds, since, gone_since)
VALUES (%(user_id)s, %(user_nick)s, %(status)s, %(rds)s, %(since)s, %(gone_since)s)
ON CONFLICT (user_id) DO UPDATE
SET user_nick = excluded.user_nick, status = excluded.status, rds = excluded.rds, since = excluded.since,
    gone_since = excluded.gone_since
