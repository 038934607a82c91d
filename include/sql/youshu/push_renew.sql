-- Still to be sent, or on their way: held for longer by the claim that holds them, unless its time was over.
UPDATE t_store_youshu_request
SET next_push_at = %(lease_end)s, last_modify_time = %(now)s
WHERE id = ANY (%(ids)s) AND claimed_by = %(claim)s AND next_push_at > %(now)s
RETURNING id
