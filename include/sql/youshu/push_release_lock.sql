SELECT pg_advisory_unlock(hashtextextended('youshu_push_post/' || %(shop)s, 0)) AS left_it
