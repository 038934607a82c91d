'"{field}":"' || round({column}, greatest(2, min_scale({column}))) || '"'
