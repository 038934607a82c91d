-- A table of sys_info as it is called here, and whether it can be read in the order of jdp_modified.
SELECT t.table_name AS name, MAX(s.index_name IS NOT NULL) AS indexed
FROM information_schema.tables AS t
LEFT JOIN information_schema.statistics AS s
       ON s.table_schema = t.table_schema AND s.table_name = t.table_name
      AND s.column_name = 'jdp_modified' AND s.seq_in_index = 1
WHERE t.table_schema = DATABASE() AND LOWER(t.table_name) = %(table)s
GROUP BY t.table_name
