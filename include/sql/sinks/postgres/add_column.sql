ALTER TABLE {table} ADD COLUMN {definition}
