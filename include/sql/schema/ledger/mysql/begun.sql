REPLACE INTO etl_schema_migration (scope, name, phase, checksum, version, started_at)
VALUES (%(scope)s, %(name)s, %(phase)s, %(checksum)s, %(version)s, NOW(3))
