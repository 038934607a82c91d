-- What a table has: its columns, and which of them are its primary key.
SELECT LOWER(column_name) AS name, column_key = 'PRI' AS in_key
FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name = %(table)s
ORDER BY ordinal_position
