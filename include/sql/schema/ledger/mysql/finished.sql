UPDATE etl_schema_migration SET finished_at = NOW(3) WHERE scope = %(scope)s AND name = %(name)s
