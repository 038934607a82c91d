-- These need not be sent.
UPDATE t_store_youshu_request
SET status = 4, response_info = %(why)s, claimed_by = NULL, last_modify_time = %(now)s
WHERE id = ANY (%(ids)s)
