SELECT quote_ident(current_database()) AS database, quote_ident(current_schema()) AS schema
