-- Claimed, and never sent: as if they had not been.
UPDATE t_store_youshu_request
SET claimed_by = NULL, next_push_at = NULL, push_num = push_num - 1, last_modify_time = %(now)s
WHERE id = ANY (%(ids)s) AND claimed_by = %(claim)s
