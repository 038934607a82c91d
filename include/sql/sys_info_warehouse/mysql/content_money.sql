CONCAT('"{field}":"', IF({column} = ROUND({column}, 2), ROUND({column}, 2), TRIM(TRAILING '0' FROM {column})), '"')
