UPDATE t_store_youshu_request SET alarmed_at = %(now)s WHERE id = ANY (%(ids)s)
