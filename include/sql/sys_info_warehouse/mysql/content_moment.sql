CONCAT('"{field}":"', REPLACE(LEFT(DATE_FORMAT({column}, '%%Y-%%m-%%d %%H:%%i:%%s.%%f'), 23), '.000', ''), '"')
