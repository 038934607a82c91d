SELECT {key} FROM {held} ORDER BY {key}
