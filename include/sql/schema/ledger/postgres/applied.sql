SELECT name, phase, checksum, finished_at FROM etl_schema_migration WHERE scope = %(scope)s ORDER BY name
