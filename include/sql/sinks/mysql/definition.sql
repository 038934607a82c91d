{name} {type} {null} COMMENT '{comment}'
