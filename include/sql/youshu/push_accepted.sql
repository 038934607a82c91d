-- Only what this claim still holds: of what was claimed anew since, the other one will say what became of it.
UPDATE t_store_youshu_request
SET status = 1, response_info = %(answer)s, claimed_by = NULL, accepted_at = %(now)s, last_modify_time = %(now)s
WHERE id = ANY (%(ids)s) AND claimed_by = %(claim)s
