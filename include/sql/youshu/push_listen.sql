-- What wakes a sender: rows in the outbox, and another one that wants its post.
LISTEN youshu_request; LISTEN youshu_push_relief
