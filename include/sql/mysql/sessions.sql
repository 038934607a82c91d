-- What makes a session what our statements rely on, and proves it.

-- name: server
SELECT DATABASE() AS name, NOW() AS time, @@local_infile AS takes_files

-- name: look
-- What the server has of the settings that it knows; @@name would be an error for one that it does not know.
SHOW SESSION VARIABLES WHERE Variable_name IN %(names)s

-- name: put
SET {assignments}

-- name: canary
-- Octets and seconds since 1970 of what came with the statement. The time has no offset: the session's zone decides.
-- MySQL 5.5 knows neither JSON nor parts of a second.
SELECT CONCAT(UNIX_TIMESTAMP(CAST(LEFT(%(moment)s, 19) AS DATETIME)), RIGHT(%(moment)s, 4)) AS moment,
       LOWER(HEX(%(words)s))                                 AS words,
       %(words)s                                             AS returned,
       CAST(CAST(%(amount)s AS DECIMAL(19, 4)) AS CHAR)      AS amount,
       LOWER(HEX(%(document)s))                              AS document,
       CAST(%(blank)s IS NULL AS CHAR)                       AS blank,
       CAST(%(missing)s IS NULL AS CHAR)                     AS missing

-- name: savepoint
SAVEPOINT {name}

-- name: undo
ROLLBACK TO SAVEPOINT {name}

-- name: release
RELEASE SAVEPOINT {name}
