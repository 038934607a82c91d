#!/bin/sh
# The MySQL databases of the project with their users. Re-runnable. Run by docker's MySQL image on its first start,
# and by the native servers on each start. A script, because the mysql client cannot read the environment:
# the client's own variables (MYSQL_HOST, MYSQL_TCP_PORT, MYSQL_PWD) say where to connect.
set -eu
MYSQL_PWD="${MYSQL_PWD:-${MYSQL_ROOT_PASSWORD:-}}" "${MYSQL_CLIENT:-mysql}" --user="${MYSQL_ADMIN:-root}" <<SQL
CREATE DATABASE IF NOT EXISTS bi CHARACTER SET utf8mb4;
CREATE DATABASE IF NOT EXISTS sys_info CHARACTER SET utf8mb4;

CREATE USER IF NOT EXISTS 'bi'@'%';
ALTER USER 'bi'@'%' IDENTIFIED BY '${BI_DB_PASSWORD}';
GRANT ALL ON bi.* TO 'bi'@'%';

-- sys_info is filled by the platform; the pipelines only read it
CREATE USER IF NOT EXISTS 'sys_info'@'%';
ALTER USER 'sys_info'@'%' IDENTIFIED BY '${SYS_INFO_DB_PASSWORD}';
GRANT ALL ON sys_info.* TO 'sys_info'@'%';
CREATE USER IF NOT EXISTS 'sys_info_reader'@'%';
ALTER USER 'sys_info_reader'@'%' IDENTIFIED BY '${SYS_INFO_READER_DB_PASSWORD}';
GRANT SELECT ON sys_info.* TO 'sys_info_reader'@'%';
SQL
