INSERT INTO {child} ({columns}) SELECT {staged} FROM {child_stage} AS s
