-- These need not be sent, or cannot be.
UPDATE t_store_youshu_request
SET status = %(status)s, response_info = %(why)s, claimed_by = NULL, last_modify_time = %(now)s
WHERE id = ANY (%(ids)s)
