-- The ledger of migrations, etl_schema_migration.

-- name: table
-- Which migrations this database has: one row per scope and file.
CREATE TABLE IF NOT EXISTS etl_schema_migration (
    scope       VARCHAR(16)  NOT NULL COMMENT '范围: warehouse, target, store',
    name        VARCHAR(128) NOT NULL COMMENT 'include/sql/schema 下的文件名',
    phase       VARCHAR(8)   NOT NULL COMMENT 'before 部署前, after 部署后',
    checksum    CHAR(64)     NOT NULL COMMENT '文件内容的 SHA-256',
    version     VARCHAR(63)  NOT NULL COMMENT '执行时的软件版本',
    started_at  DATETIME(3)  NOT NULL COMMENT '上海时间',
    finished_at DATETIME(3)  NULL COMMENT '完成时间; 空值表示中断, 下次重新执行',
    PRIMARY KEY (scope, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COMMENT = '库表迁移记录: 每范围每文件一行 (retail schema status)'

-- name: lock
SELECT GET_LOCK(CONCAT('retail schema apply ', LEFT(SHA2(DATABASE(), 256), 32)), 0) AS mine

-- name: unlock
SELECT RELEASE_LOCK(CONCAT('retail schema apply ', LEFT(SHA2(DATABASE(), 256), 32)))

-- name: begun
REPLACE INTO etl_schema_migration (scope, name, phase, checksum, version, started_at)
VALUES (%(scope)s, %(name)s, %(phase)s, %(checksum)s, %(version)s, NOW(3))

-- name: finished
UPDATE etl_schema_migration SET finished_at = NOW(3) WHERE scope = %(scope)s AND name = %(name)s
