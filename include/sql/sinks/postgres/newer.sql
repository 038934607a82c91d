{head_version} > {stage_version} AND h.etl_window_id IS DISTINCT FROM %(window_id)s
