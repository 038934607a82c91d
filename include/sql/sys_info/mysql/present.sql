-- A table of sys_info as it is called here.
SELECT table_name AS name
FROM information_schema.tables
WHERE table_schema = DATABASE() AND LOWER(table_name) = %(table)s
