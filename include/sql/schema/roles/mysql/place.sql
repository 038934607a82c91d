SELECT CONCAT('`', REPLACE(DATABASE(), '`', '``'), '`') AS `database`
