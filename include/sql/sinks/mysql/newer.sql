{head_version} > {stage_version} AND NOT (h.etl_window_id <=> %(window_id)s)
