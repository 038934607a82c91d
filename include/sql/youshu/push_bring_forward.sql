-- Youshu answers again: what waited for that need not wait longer. Where it was never quite silent, only what is still to
-- be told apart, and not an order that has failed alone.
UPDATE t_store_youshu_request
SET next_push_at = NULL, last_modify_time = %(now)s
WHERE shop = %(shop)s AND status IN (0, 2, 3) AND claimed_by IS NULL AND push_num > 0 AND next_push_at > %(now)s
  AND (%(below)s::integer IS NULL OR push_num < %(below)s)
