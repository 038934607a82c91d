-- Which run sends for a shop: locks of sessions.

-- name: listen
-- What wakes a sender: rows in the outbox, and another one that wants its lock. A worker whose machine is lost has left
-- its lock within half a minute: so soon the server notices that nobody answers (on its own it asks after two hours).
LISTEN youshu_request; LISTEN youshu_push_handover;
SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;
SET tcp_user_timeout = '25s'

-- name: arrive
-- A run of a shop's push is there, for as long as its session lives: a lock that hinders nobody, whose second number
-- is the run's rank. Whoever dies, however it dies, is gone from the roster.
SELECT pg_advisory_lock_shared(hashtext('youshu_push_run/' || %(shop)s), %(rank)s::integer)

-- name: take
SELECT pg_try_advisory_lock(hashtextextended('youshu_push_post/' || %(shop)s, 0)) AS taken

-- name: held
-- Whether somebody is at a shop's lock, without touching its lock: whoever tries it has it for a moment, and keeps it
-- from a run that comes just then. had_one: whether the shop ever had a sender.
SELECT EXISTS (
           SELECT FROM pg_locks
           WHERE locktype = 'advisory' AND objsubid = 1 AND granted
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND (classid::bigint << 32) | objid::bigint = hashtextextended('youshu_push_post/' || %(shop)s, 0)
       ) AS held,
       EXISTS (SELECT FROM youshu_push_sender WHERE shop = %(shop)s) AS had_one

-- name: roster
-- How many runs of a shop's push are there that are newer than one.
SELECT count(*) AS newer
FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 2 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid = hashtext('youshu_push_run/' || %(shop)s)::oid
  AND objid::bigint > %(rank)s

-- name: ask_handover
SELECT pg_notify('youshu_push_handover', %(shop)s)

-- name: release
SELECT pg_advisory_unlock(hashtextextended('youshu_push_post/' || %(shop)s, 0)) AS left_it
