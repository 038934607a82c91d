-- Octets and seconds since 1970 of what came with the statement. The time has no offset: the session's zone decides.
-- MySQL 5.5 knows neither JSON nor parts of a second.
SELECT CONCAT(UNIX_TIMESTAMP(CAST(LEFT(%(moment)s, 19) AS DATETIME)), RIGHT(%(moment)s, 4)) AS moment,
       LOWER(HEX(%(words)s))                                 AS words,
       %(words)s                                             AS returned,
       CAST(CAST(%(amount)s AS DECIMAL(19, 4)) AS CHAR)      AS amount,
       LOWER(HEX(%(document)s))                              AS document,
       CAST(%(blank)s IS NULL AS CHAR)                       AS blank,
       CAST(%(missing)s IS NULL AS CHAR)                     AS missing
