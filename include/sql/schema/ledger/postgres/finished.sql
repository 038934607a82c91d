UPDATE etl_schema_migration SET finished_at = clock_timestamp() WHERE scope = %(scope)s AND name = %(name)s
