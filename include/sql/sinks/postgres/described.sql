-- What a table has: its columns, and which of them are its primary key.
SELECT a.attname AS name, COALESCE(a.attnum = ANY (i.indkey), false) AS in_key
FROM pg_attribute AS a LEFT JOIN pg_index AS i ON i.indrelid = a.attrelid AND i.indisprimary
WHERE a.attrelid = to_regclass(%(table)s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
