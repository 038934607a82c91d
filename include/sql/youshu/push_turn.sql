-- Claims of a shop are made one after the other: each one sees all of those before it. Until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('youshu_push/' || %(shop)s, 0))
