-- What wakes a sender: rows in the outbox, and another one that wants its lock. A worker whose machine is lost has left
-- its lock within half a minute: so soon the server notices that nobody answers (on its own it asks after two hours).
LISTEN youshu_request; LISTEN youshu_push_handover;
SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;
SET tcp_user_timeout = '25s'
