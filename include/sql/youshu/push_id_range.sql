SELECT COALESCE(min(id), 0) AS first, COALESCE(max(id), 0) AS last FROM t_store_youshu_request
