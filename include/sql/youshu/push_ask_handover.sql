SELECT pg_notify('youshu_push_handover', %(shop)s)
