'"{field}":' || {column}::text
