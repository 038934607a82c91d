SELECT user_id, user_nick, status, rds, since, gone_since FROM jushita_push_user ORDER BY user_id
