-- A part of what is not to be sent any more: it says which states Youshu knows.
UPDATE t_store_youshu_request
SET shop = %(new)s
WHERE id >= %(from)s AND id < %(until)s AND shop = %(shop)s AND status NOT IN (0, 2, 3)
