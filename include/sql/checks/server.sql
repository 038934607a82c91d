SELECT current_database() AS name, now() AS time
