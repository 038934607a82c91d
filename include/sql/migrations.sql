-- The ledger of migrations, etl_schema_migration.

-- name: applied
SELECT name, phase, checksum, finished_at FROM etl_schema_migration WHERE scope = %(scope)s ORDER BY name
