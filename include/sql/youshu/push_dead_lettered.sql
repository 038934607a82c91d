-- Youshu will never take this as it is. Where the same state was dead-lettered before, this row says by now what is wrong.
WITH refused AS (
    UPDATE t_store_youshu_request
    SET status = 5, response_info = %(answer)s, claimed_by = NULL, last_modify_time = %(now)s
    WHERE id = ANY (%(ids)s) AND claimed_by = %(claim)s
    RETURNING id, shop, order_id, return_code, push_type
)
UPDATE t_store_youshu_request AS r
SET status = 4, response_info = 'not sent: the state was dead-lettered once more, see row ' || refused.id || '; before: '
                                || COALESCE(r.response_info, ''), last_modify_time = %(now)s
FROM refused
WHERE r.shop = refused.shop AND r.status = 5 AND r.id < refused.id AND r.order_id = refused.order_id
  AND r.push_type = refused.push_type AND r.return_code IS NOT DISTINCT FROM refused.return_code
