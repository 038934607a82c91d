-- Only what this claim still holds: of what was claimed anew since, the other one will say what became of it.
-- Where the same state was dead-lettered before, with what was wrong with the order then, that is settled.
WITH taken AS (
    UPDATE t_store_youshu_request
    SET status = 1, response_info = %(answer)s, warning = %(warnings)s::jsonb ->> id::text, claimed_by = NULL,
        accepted_at = %(now)s, last_modify_time = %(now)s
    WHERE id = ANY (%(ids)s) AND claimed_by = %(claim)s
    RETURNING id, shop, order_id, return_code, push_type
)
UPDATE t_store_youshu_request AS r
SET status = 4, response_info = 'not sent: the state was taken later, see row ' || taken.id || '; before: '
                                || COALESCE(r.response_info, ''), last_modify_time = %(now)s
FROM taken
WHERE r.shop = taken.shop AND r.status = 5 AND r.id < taken.id AND r.order_id = taken.order_id
  AND r.push_type = taken.push_type AND r.return_code IS NOT DISTINCT FROM taken.return_code
