-- Nothing of this shop is sent any more.
WITH closed AS (
    UPDATE t_store_youshu_request
    SET status = 4, response_info = %(why)s, claimed_by = NULL, last_modify_time = %(now)s
    WHERE shop = %(shop)s AND status IN (0, 2, 3, 5)
    RETURNING id
), forgotten AS (
    DELETE FROM youshu_enqueue_fault WHERE shop = %(shop)s
)
SELECT count(*) AS closed FROM closed
