SELECT pg_try_advisory_lock(hashtextextended('youshu_push_post/' || %(shop)s, 0)) AS taken
