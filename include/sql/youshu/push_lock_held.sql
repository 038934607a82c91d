-- Whether somebody is at a shop's lock, without touching its lock: whoever tries it has it for a moment, and keeps it
-- from a run that comes just then. had_one: whether the shop ever had a sender.
SELECT EXISTS (
           SELECT FROM pg_locks
           WHERE locktype = 'advisory' AND objsubid = 1 AND granted
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND (classid::bigint << 32) | objid::bigint = hashtextextended('youshu_push_post/' || %(shop)s, 0)
       ) AS held,
       EXISTS (SELECT FROM youshu_push_sender WHERE shop = %(shop)s) AS had_one
