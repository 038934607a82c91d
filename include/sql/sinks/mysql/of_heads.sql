STRAIGHT_JOIN {head} AS h ON {of_head} AND h.etl_window_id = %(window_id)s
