-- Tables of these, and of ours, that keep what a transaction takes back.
SELECT t.table_name AS name, t.engine AS engine
FROM information_schema.tables AS t JOIN information_schema.engines AS e ON e.engine = t.engine
WHERE t.table_schema = DATABASE() AND e.transactions <> 'YES'
  AND (t.table_name IN %(tables)s OR t.table_name LIKE 'etl!_%%' ESCAPE '!')
ORDER BY t.table_name
