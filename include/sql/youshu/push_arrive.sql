-- A run of a shop's push is there, for as long as its session lives: a lock that hinders nobody, whose second number
-- is the run's rank. Whoever dies, however it dies, is gone from the roster.
SELECT pg_advisory_lock_shared(hashtext('youshu_push_run/' || %(shop)s), %(rank)s::integer)
