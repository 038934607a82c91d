-- What the source itself says of a window: how many rows, and the sum of their fingerprints, the first 64 bits of their
-- SHA-256, without the sign; of times in milliseconds, as the warehouse has them.
SELECT COUNT(*) AS total,
       COALESCE(SUM(CAST(CONV(LEFT(SHA2(CONCAT({key}, '|', LEFT(DATE_FORMAT(jdp_modified, '%%Y-%%m-%%d %%H:%%i:%%s.%%f'), 23), '000'), 256), 16), 16, 10) AS UNSIGNED)
                    & 9223372036854775807), 0) AS checksum
FROM {table}
WHERE jdp_modified >= %(start)s AND jdp_modified < %(end)s{row_filter}
