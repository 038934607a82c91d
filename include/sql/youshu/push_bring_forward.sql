-- Youshu answers again: what waited for that need not wait longer.
UPDATE t_store_youshu_request
SET next_push_at = NULL, last_modify_time = %(now)s
WHERE shop = %(shop)s AND status IN (0, 2, 3) AND claimed_by IS NULL AND push_num > 0 AND next_push_at > %(now)s
