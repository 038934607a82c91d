-- The ledger of migrations, etl_schema_migration.

-- name: table
-- Which migrations this database has: one row per scope and file.
CREATE TABLE IF NOT EXISTS etl_schema_migration (
    scope       text        NOT NULL,
    name        text        NOT NULL,
    phase       text        NOT NULL,
    checksum    text        NOT NULL,
    version     text        NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (scope, name)
);

COMMENT ON TABLE  etl_schema_migration IS '库表迁移记录: 每范围每文件一行 (retail schema status)';
COMMENT ON COLUMN etl_schema_migration.scope IS '范围: warehouse, target, store';
COMMENT ON COLUMN etl_schema_migration.name IS 'include/sql/schema 下的文件名';
COMMENT ON COLUMN etl_schema_migration.phase IS 'before 部署前, after 部署后';
COMMENT ON COLUMN etl_schema_migration.checksum IS '文件内容的 SHA-256';
COMMENT ON COLUMN etl_schema_migration.version IS '执行时的软件版本';
COMMENT ON COLUMN etl_schema_migration.finished_at IS '完成时间; 空值表示中断, 下次重新执行 (仅 MySQL)';

-- name: lock
SELECT pg_try_advisory_lock(hashtextextended('retail schema apply', 0)) AS mine

-- name: unlock
SELECT pg_advisory_unlock(hashtextextended('retail schema apply', 0))

-- name: begun
INSERT INTO etl_schema_migration (scope, name, phase, checksum, version, started_at)
VALUES (%(scope)s, %(name)s, %(phase)s, %(checksum)s, %(version)s, clock_timestamp())
ON CONFLICT (scope, name) DO UPDATE
SET phase = excluded.phase, checksum = excluded.checksum, version = excluded.version, started_at = excluded.started_at,
    finished_at = NULL

-- name: finished
UPDATE etl_schema_migration SET finished_at = clock_timestamp() WHERE scope = %(scope)s AND name = %(name)s
