'"{field}":' || {column}
