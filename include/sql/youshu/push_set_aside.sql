-- Youshu will never take this as it is.
UPDATE t_store_youshu_request
SET status = 5, response_info = %(answer)s, claimed_by = NULL, last_modify_time = %(now)s
WHERE id = ANY (%(ids)s) AND claimed_by = %(claim)s
