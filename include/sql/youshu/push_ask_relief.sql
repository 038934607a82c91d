SELECT pg_notify('youshu_push_relief', %(shop)s)
