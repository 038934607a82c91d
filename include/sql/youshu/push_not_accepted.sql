-- To be tried again: after the first wait, and after twice as long each time.
UPDATE t_store_youshu_request
SET status           = %(status)s,
    response_info    = %(answer)s,
    claimed_by       = NULL,
    next_push_at     = %(now)s::timestamptz
                       + least(%(min_wait)s * 2 ^ least(push_num - 1, 20), %(max_wait)s) * interval '1 second',
    last_modify_time = %(now)s
WHERE id = ANY (%(ids)s) AND claimed_by = %(claim)s
