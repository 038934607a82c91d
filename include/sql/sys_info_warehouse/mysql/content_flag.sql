CONCAT('"{field}":', ELT({column} + 1, 'false', 'true'))
