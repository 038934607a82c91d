CONCAT('"{field}":', {column})
