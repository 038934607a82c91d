CONCAT('"{field}":"', REPLACE(REPLACE({column}, '\\', '\\\\'), '"', '\\"'), '"')
