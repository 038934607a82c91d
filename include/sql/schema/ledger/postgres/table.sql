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
