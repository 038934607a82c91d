;
CREATE INDEX IF NOT EXISTS {table}_{name} ON {table} ({name})