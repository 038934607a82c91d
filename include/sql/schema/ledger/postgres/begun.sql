INSERT INTO etl_schema_migration (scope, name, phase, checksum, version, started_at)
VALUES (%(scope)s, %(name)s, %(phase)s, %(checksum)s, %(version)s, clock_timestamp())
ON CONFLICT (scope, name) DO UPDATE
SET phase = excluded.phase, checksum = excluded.checksum, version = excluded.version, started_at = excluded.started_at,
    finished_at = NULL
